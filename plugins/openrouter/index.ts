import { definePlugin } from 'boternity';
import type {} from '../openai/index.ts';
import type {} from '../providers/index.ts';
import { openRouterKind } from './kind.ts';

/** Talks with the models of all makers that OpenRouter passes on to. */
export default definePlugin({
  name: 'openrouter',
  needs: ['openAi', 'providers'],
  setup({ openAi, providers }) {
    providers.addKind(openRouterKind(openAi));
  },
});
