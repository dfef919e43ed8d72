import { definePlugin } from 'boternity';
import type {} from '../openai/index.ts';
import type {} from '../providers/index.ts';
import { subscriptionModel } from './model.ts';
import { optionsSchema, WARNING } from './options.ts';
import { Programs } from './program.ts';

/** The road of a Claude subscription: the owner's own program, signed in by its owner, or a local proxy in front of it. Off by default. */
export default definePlugin({
  name: 'claude-cli',
  needs: ['home', 'providers', 'openAi'],
  setup(context) {
    const { home, providers, openAi } = context;
    const programs = context.use(new Programs());
    const told = new Set<string>();
    providers.addKind({
      type: 'claude-cli',
      title: 'Claude subscription (experimental)',
      address: '',
      models: ['sonnet'],
      options: optionsSchema(process.env.BOTERNITY_ALLOW_CLAUDE_CLI === '1'),
      warning: WARNING,
      model(access, facts) {
        if (!told.has(access.name)) home.log.warn(WARNING, { provider: access.name });
        told.add(access.name);
        return subscriptionModel(access, facts, { programs, openAi });
      },
    });
  },
});
