import type { DoorCase } from './door-cases.ts';
import { journalOf } from './door-cases-conversations.ts';

export const chatCases: Record<string, DoorCase> = {
  'conversations.greet': {
    wrong: { conversation: 'x', nonsense: 'x' },
    right: { conversation: 'x' },
    prepare: async (product) => ({
      conversation: (await product.client.call('conversations.create', { bot: 'assistant' })).id,
    }),
    check: async ({ t, product, input, output }) => {
      const conversation = String(input.conversation);
      const journal = await product.files.read(
        journalOf(product, 'assistant', conversation).slice(product.home.length + 1),
      );
      t.match(journal, String(output.message));
      const again = await product.client.call('conversations.greet', { conversation });
      t.strictSame(again, { turn: null, message: null }, 'a bot greets once');
    },
  },
};
