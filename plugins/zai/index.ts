import { definePlugin } from 'boternity';
import type {} from '../openai/index.ts';
import type {} from '../providers/index.ts';
import { zaiKind } from './kind.ts';

/** Talks with the GLM models of Z.ai. */
export default definePlugin({
  name: 'zai',
  needs: ['openAi', 'providers'],
  setup({ openAi, providers }) {
    providers.addKind(zaiKind(openAi));
  },
});
