import { definePlugin, OwnedScope, z } from 'boternity';
import type {} from '../models/index.ts';
import type { Provider } from '../providers/provider-file.ts';
import type {} from '../providers/index.ts';
import { createOpenAiCompatibleModel } from './model.ts';

const TYPE = 'openai-compatible';

const pluginConfig = z.strictObject({
  /** Providers fixed in boternity.config.ts; those of providers.yaml come beside them. */
  providers: z
    .record(
      z.string(),
      z.strictObject({
        address: z.string(),
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
    const offer = (provider: Provider): OwnedScope => {
      const scope = new OwnedScope(`${TYPE} ${provider.name}`);
      const key = provider.key_env === undefined ? undefined : process.env[provider.key_env];
      for (const id of provider.models) {
        models.add(
          createOpenAiCompatibleModel({
            id,
            provider: provider.name,
            address: provider.address,
            ...(key !== undefined && { key }),
            ...(provider.window !== undefined && { window: provider.window }),
            firstTokenTimeoutMs: config.firstTokenTimeoutMs,
            idleTimeoutMs: config.idleTimeoutMs,
          }),
          scope,
        );
      }
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
    providers.fix(TYPE, config.providers);
    providers.follow(() => void queue());
    return queue();
  },
});
