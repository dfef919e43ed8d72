import { definePlugin } from 'boternity';
import type {} from '../openai/index.ts';
import type {} from '../providers/index.ts';
import { mistralKind } from './kind.ts';

/** Talks with the models of Mistral. */
export default definePlugin({
  name: 'mistral',
  needs: ['openAi', 'providers'],
  setup({ openAi, providers }) {
    providers.addKind(mistralKind(openAi));
  },
});
