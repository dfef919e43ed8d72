import { definePlugin, z } from 'boternity';
import type {} from '../openai/index.ts';
import type {} from '../providers/index.ts';
import type {} from '../vault/index.ts';
import { codexActions } from './actions.ts';
import { codexModel } from './model.ts';
import { optionsSchema, WARNING } from './options.ts';
import { SignIns } from './sign-in.ts';
import { ACCESS, Tokens } from './tokens.ts';

/** The road of a ChatGPT subscription: its owner signs in on the page of OpenAI, and the vault keeps what comes of it. Off by default. */
export default definePlugin({
  name: 'codex',
  needs: ['home', 'providers', 'openAi', 'vault', 'actions'],
  config: z.strictObject({
    identity: z
      .url({ protocol: /^https?$/ })
      .default('https://auth.openai.com')
      .describe('Where one signs in'),
    client: z
      .string()
      .min(1)
      .default('app_EMoamEEZ73f0CkXaXp7hrann')
      .describe('Name of the program there: the public one of Codex CLI'),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(1455)
      .describe('Where the browser comes back to, on this machine'),
  }),
  setup(context, config) {
    const { home, providers, openAi, vault, actions } = context;
    const tokens = new Tokens(vault, config);
    const signIns = context.use(
      new SignIns(config, (code, verifier, redirect) => tokens.redeem(code, verifier, redirect)),
    );
    const told = new Set<string>();
    const isSetUp = (): boolean =>
      providers.all().some(({ type, problem }) => type === 'codex' && problem === undefined);
    providers.addKind({
      type: 'codex',
      title: 'ChatGPT subscription, as Codex (experimental)',
      address: 'https://chatgpt.com/backend-api/codex',
      key: ACCESS,
      isFoundByKey: false,
      models: ['gpt-6.1-sol'],
      options: optionsSchema,
      warning: WARNING,
      model(access, facts) {
        if (!told.has(access.name)) home.log.warn(WARNING, { provider: access.name });
        told.add(access.name);
        return codexModel(access, facts, openAi, tokens);
      },
    });
    actions.add(...codexActions({ signIns, tokens, isSetUp }));
  },
});
