import { listOf } from './answers.ts';
import type { DoorCase } from './door-cases.ts';

const assistant = { bot: 'assistant' };

/** Cases of the actions that list and read skills. */
export const skillCases: Readonly<Record<string, DoorCase>> = {
  'skills.list': {
    wrong: { ...assistant, nonsense: 'x' },
    right: assistant,
    check: ({ t, output }) => {
      t.equal(output.truncated, false);
      t.match(listOf(output.skills), [
        { name: 'weigh-a-decision', origin: 'bot', license: 'MIT', allowed_tools: [] },
        { name: 'write-a-reply', origin: 'bot', description: /Use it when/ },
      ]);
    },
  },
  'skills.load': {
    wrong: { ...assistant, name: 'x'.repeat(65) },
    right: { ...assistant, name: 'write-a-reply' },
    check: async ({ t, product, output }) => {
      const text = await product.files.read('bots/assistant/skills/write-a-reply/SKILL.md');
      t.match(output, { name: 'write-a-reply', body_truncated: false, files_index: Array });
      t.ok(text?.endsWith(String(output.body_markdown)), 'the whole body');
    },
  },
  'skills.read_file': {
    wrong: { ...assistant, name: 'write-a-reply', rel_path: 'x'.repeat(401) },
    right: { ...assistant, name: 'write-a-reply', rel_path: 'references/words.md' },
    prepare: async (product, door) => {
      const rel_path = `references/${door}.md`;
      await product.files.write(`bots/assistant/skills/write-a-reply/${rel_path}`, `For ${door}.\n`);
      return { ...assistant, name: 'write-a-reply', rel_path };
    },
    check: ({ t, door, output }) =>
      t.match(output, { content: `For ${door}.\n`, encoding: 'utf-8', media_type: 'text/plain', truncated: false }),
  },
};
