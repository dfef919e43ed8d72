import { listOf } from './answers.ts';
import type { DoorCase } from './door-cases.ts';

const identity = '---\n# who it is\ndisplay_name: Owl # a night bird\nemoji: 🦉\n---\n\nHello.\n';

/** How what the pages of bots ask is tried at every door. */
export const agentCases: Readonly<Record<string, DoorCase>> = {
  'files.check': {
    wrong: { bot: 'assistant', path: 'IDENTITY.md', text: identity, set: ['nothing'] },
    right: { bot: 'assistant', path: 'IDENTITY.md', text: identity },
    prepare: async () => ({
      bot: 'assistant',
      path: 'IDENTITY.md',
      text: identity,
      set: ['accent_color=red'],
      unset: ['emoji'],
    }),
    check: async ({ t, output, product }) => {
      t.equal(
        output.text,
        '---\n# who it is\ndisplay_name: Owl # a night bird\naccent_color: red\n---\n\nHello.\n',
        'comments stay',
      );
      t.strictSame(output.data, { display_name: 'Owl', accent_color: 'red' });
      t.match(listOf(output.problems), [{ line: 4, level: 'error', message: /#rrggbb/ }]);
      t.notMatch(await product.files.read('bots/assistant/IDENTITY.md'), 'accent_color: red', 'nothing is written');
    },
  },
  'schemas.list': {
    wrong: { nonsense: 'x' },
    right: {},
    check: ({ t, output }) =>
      t.match(
        listOf(output.schemas).find(({ kind }) => kind === 'bot'),
        { pattern: 'bot.yaml', format: 'yaml', schema: { properties: { status: { enum: ['active'] } } } },
      ),
  },
  'conversations.activity': {
    wrong: { nonsense: 'x' },
    right: {},
    prepare: async (product) => {
      await product.client.call('conversations.create', { bot: 'assistant' });
      return {};
    },
    check: ({ t, output }) => {
      const found = listOf(output.bots).find(({ bot }) => bot === 'assistant');
      t.match(found, { bot: 'assistant', unread: Number, lastAt: /^\d{4}-/, last: String });
      t.ok(Number(found?.conversations) > 0);
    },
  },
};
