import { listOf } from './answers.ts';
import type { DoorCase } from './door-cases.ts';

/** How what is found and what was seen of conversations is tried at every door. */
export const searchCases: Readonly<Record<string, DoorCase>> = {
  'conversations.search': {
    wrong: { text: '"" …' },
    right: { text: 'wombat' },
    prepare: async (product) => {
      const { id } = await product.client.call('conversations.create', { bot: 'assistant' });
      await product.client.call('conversations.rename', { conversation: id, title: 'The wombat of Ulm' });
      return { text: 'wombat ulm' };
    },
    check: ({ t, output }) =>
      t.match(listOf(output.conversations)[0], {
        title: 'The wombat of Ulm',
        titleMarks: [
          [4, 10],
          [14, 17],
        ],
        message: null,
      }),
  },
  'conversations.see': {
    wrong: { conversation: 'x', nonsense: 'x' },
    right: { conversation: 'x' },
    prepare: async (product) => {
      const { id } = await product.client.call('conversations.create', { bot: 'assistant' });
      return { conversation: id };
    },
    check: ({ t, output, input }) => t.strictSame(output, { conversation: input.conversation, unread: false }),
  },
};
