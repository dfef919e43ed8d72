import { listOf } from './answers.ts';
import { gitIn } from './door-cases-files.ts';
import type { Door, DoorCase } from './door-cases.ts';
import { begin, say } from './talk.ts';
import type { Product } from './product.ts';

const assistant = { bot: 'assistant' };

/** How what bots remember is tried at every door. */
export const memoryCases: Readonly<Record<string, DoorCase>> = {
  'memories.create': {
    wrong: { ...assistant, text: 'x', importance: 9 },
    right: { ...assistant, text: 'Tea, not coffee' },
    prepare: async (product, door) => ({
      bot: await newBot(product, door, 'mindful'),
      text: 'Tea, not coffee',
      category: 'preference',
      importance: 5,
    }),
    check: async ({ t, product, input, output }) => {
      const text = await product.files.read(`bots/${String(input.bot)}/${String(output.path)}`);
      t.match(JSON.parse(text ?? ''), { text: 'Tea, not coffee', importance: 5, origin: 'owner', uses: 0 });
      t.equal(await gitIn(product, String(input.bot), 'status', '--porcelain'), '', 'the bot’s own folder stays clean');
    },
  },
  'memories.list': {
    wrong: { ...assistant, limit: 0 },
    right: assistant,
    prepare: async (product, door) => ({ bot: (await remembering(product, door, 'listed')).bot, category: 'fact' }),
    check: ({ t, output }) => {
      t.match(listOf(output.memories), [{ text: 'Anna lives in Bern', category: 'fact' }]);
      t.match(output, { total: 1, next: null });
    },
  },
  'memories.show': {
    wrong: { ...assistant, memory: 'x', nonsense: 'x' },
    right: { ...assistant, memory: 'x' },
    prepare: (product, door) => remembering(product, door, 'shown'),
    check: ({ t, output, input }) => t.match(output, { id: input.memory, text: 'Anna lives in Bern' }),
  },
  'memories.search': {
    wrong: { ...assistant, text: '' },
    right: { ...assistant, text: 'Bern' },
    prepare: async (product, door) => ({
      bot: (await remembering(product, door, 'searched')).bot,
      text: 'where does Anna live?',
    }),
    check: ({ t, output }) => {
      const [found] = listOf(output.memories);
      t.match(found, { text: 'Anna lives in Bern', words: ['anna', 'live'] });
      t.ok(Number(found?.score) > 0.9, 'all of the question is in it');
    },
  },
  'memories.edit': {
    wrong: { ...assistant, memory: 'x', importance: 0 },
    right: { ...assistant, memory: 'x', importance: 1 },
    prepare: async (product, door) => ({
      ...(await remembering(product, door, 'edited')),
      text: 'Anna lives in Basel',
      importance: 4,
    }),
    check: async ({ t, product, input, output }) => {
      const text = await product.files.read(`bots/${String(input.bot)}/${String(output.path)}`);
      t.match(JSON.parse(text ?? ''), {
        id: input.memory,
        text: 'Anna lives in Basel',
        importance: 4,
        category: 'fact',
      });
    },
  },
  'memories.delete': {
    wrong: { ...assistant, memory: 'x', nonsense: 'x' },
    right: { ...assistant, memory: 'x' },
    prepare: (product, door) => remembering(product, door, 'forgotten'),
    check: async ({ t, product, input, output }) => {
      const [removed] = listOf(output.removed);
      t.match(removed, { id: input.memory, text: 'Anna lives in Bern' });
      t.equal(await product.files.read(`bots/${String(input.bot)}/${String(removed?.path)}`), undefined);
    },
  },
  'memories.why': {
    wrong: { ...assistant, memory: 'x', nonsense: 'x' },
    right: { ...assistant, memory: 'x' },
    prepare: (product, door) => remembering(product, door, 'explained'),
    check: ({ t, output }) =>
      t.match(output, {
        memory: { text: 'Anna lives in Bern' },
        conversation: null,
        commits: [{ author: /./, message: 'Remember: Anna lives in Bern' }],
      }),
  },
  'memories.learn': {
    wrong: { conversation: 'x', nonsense: 'x' },
    right: { conversation: 'x' },
    prepare: async (product, door) => {
      const id = await begin(product, await newBot(product, door, 'learning'));
      await say(product, id, 'My boat is called Selma.');
      return { conversation: id };
    },
    check: ({ t, output }) => t.strictSame(output, { noted: 1 }),
  },
};

async function newBot(product: Product, door: Door, what: string): Promise<string> {
  const { slug } = await product.client.call('bots.create', { name: `${what} ${door}` });
  return slug;
}

/** A bot that remembers one thing. */
async function remembering(product: Product, door: Door, what: string): Promise<{ bot: string; memory: string }> {
  const bot = await newBot(product, door, what);
  const { id } = await product.client.call('memories.create', { bot, text: 'Anna lives in Bern' });
  return { bot, memory: id };
}
