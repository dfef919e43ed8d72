import { defineAction, z } from 'boternity';
import type { Conversations } from '../../conversations/index.ts';
import type { Learner } from '../learn/learner.ts';

declare module 'boternity' {
  interface ActionTypes {
    'memories.learn': ReturnType<typeof learnNow>;
  }
}

export function learnNow(learner: Learner, conversations: Conversations) {
  return defineAction({
    name: 'memories.learn',
    summary: 'Has a bot note now what is worth remembering of a conversation; it does so by itself some time later.',
    permission: 'memories:write',
    bot: async ({ conversation }) =>
      typeof conversation === 'string' ? (await conversations.told(conversation))?.bot : undefined,
    http: 'POST /conversations/{conversation}/learn',
    cli: 'memory learn <conversation>',
    examples: ['bnity memory learn 019…'],
    input: z.strictObject({ conversation: z.string().min(1) }),
    output: z.object({ noted: z.number().describe('Memories that came of it') }),
    async run({ conversation }, { signal }) {
      return { noted: await learner.learnFrom(conversation, signal) };
    },
  });
}
