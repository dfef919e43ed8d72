import { definePlugin } from 'boternity';
import type {} from '../providers/index.ts';
import { openAiKind } from './kind.ts';
import { protocols, type OpenAi } from './protocols.ts';

export type { OpenAi } from './protocols.ts';

declare module 'boternity' {
  interface Services {
    openAi: OpenAi;
  }
}

/** OpenAI, and its protocols for whoever speaks them too. */
export default definePlugin({
  name: 'openai',
  needs: ['providers'],
  provides: ['openAi'],
  setup(context) {
    context.providers.addKind(openAiKind);
    context.provide('openAi', () => protocols);
  },
});
