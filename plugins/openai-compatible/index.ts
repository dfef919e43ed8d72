import { definePlugin, Fault, OwnedScope, z, type Model } from 'boternity';
import type {} from '../models/index.ts';
import type { Provider } from '../providers/provider-file.ts';
import type {} from '../providers/index.ts';
import type {} from '../vault/index.ts';
import { checkKey } from './check.ts';
import { createOpenAiCompatibleModel } from './model.ts';

const TYPE = 'openai-compatible';

const pluginConfig = z.strictObject({
  /** Providers fixed in boternity.config.ts; those of providers.yaml come beside them. */
  providers: z
    .record(
      z.string(),
      z.strictObject({
        address: z.string(),
        key: z.string().optional(),
        key_env: z.string().optional(),
        models: z.array(z.string()),
        window: z.number().optional(),
      }),
    )
    .default({}),
  firstTokenTimeoutMs: z.number().positive().default(60_000),
  idleTimeoutMs: z.number().positive().default(120_000),
});

/** Talks with every service that speaks the OpenAI Chat Completions protocol: local servers and hosted ones. */
export default definePlugin({
  name: TYPE,
  needs: ['models', 'providers'],
  config: pluginConfig,
  setup(context, config) {
    const { models, providers } = context;
    let offered: OwnedScope[] = [];
    const create = (provider: Provider, id: string): Model =>
      createOpenAiCompatibleModel({
        ...provider,
        id,
        provider: provider.name,
        key: async (bot) => (await providers.keyOf(provider, bot)) ?? missing(provider),
        firstTokenTimeoutMs: config.firstTokenTimeoutMs,
        idleTimeoutMs: config.idleTimeoutMs,
      });
    const offer = (provider: Provider): OwnedScope => {
      const scope = new OwnedScope(`${TYPE} ${provider.name}`);
      for (const id of provider.models) models.add(create(provider, id), scope);
      return scope;
    };
    const refresh = async (): Promise<void> => {
      for (const scope of offered.splice(0)) await scope[Symbol.asyncDispose]();
      offered = providers.of(TYPE).map(offer);
    };
    let refreshing = Promise.resolve();
    const queue = (): Promise<void> => (refreshing = refreshing.then(refresh));
    context.defer(async () => {
      await refreshing;
      for (const scope of offered) await scope[Symbol.asyncDispose]();
    });
    context.wrap('secret.check', async (next, name, bot) => {
      const users = providers.of(TYPE).filter((provider) => provider.key === name);
      const checks = users.map((provider) => checkKey(create(provider, provider.models[0] ?? ''), bot));
      return [...(await next(name, bot)), ...(await Promise.all(checks))];
    });
    providers.fix(TYPE, config.providers);
    providers.follow(() => void queue());
    return queue();
  },
});

/** A service that wants a key is not called without; one whose variable is not set may be a local server that wants none. */
function missing({ name, key }: Provider): undefined {
  if (key === undefined) return undefined;
  throw new Fault('SECRET_MISSING', `The secret ${key}, which is the key of ${name}, is not set.`, {
    hint: `Set it with: bnity secret set ${key}`,
  });
}
