import type { DoorCase } from './door-cases.ts';
import { until, type Product } from './product.ts';

const place = { conversation: 'x', message: 'x' };

/** How what stands beside messages is tried at every door. */
export const toolCases: Record<string, DoorCase> = {
  'messages.translate': {
    wrong: { ...place, language: '!' },
    right: { ...place, language: 'German' },
    prepare: async (product) => ({ ...(await talked(product)), language: 'German' }),
    check: async ({ t, product, input }) =>
      t.match(await translationsOf(product, input), [{ language: 'German', state: 'done', model: 'demo' }]),
  },
  'conversations.persona': {
    wrong: { conversation: 'x', persona: '' },
    right: { conversation: 'x', persona: 'poet' },
    prepare: async (product, door) => {
      const { slug: bot } = await product.client.call('bots.create', { name: `Poet of ${door}` });
      await product.client.call('files.write', { bot, path: 'personas/poet/SOUL.md', text: '# A poet\n' });
      const { id } = await product.client.call('conversations.create', { bot });
      return { conversation: id, persona: 'poet' };
    },
    check: async ({ t, product, input }) => {
      const { persona } = await product.client.call('conversations.show', { conversation: String(input.conversation) });
      t.equal(persona, 'poet');
    },
  },
  'messages.untranslate': {
    wrong: { ...place, language: '!' },
    right: place,
    prepare: async (product) => {
      const told = await talked(product);
      await product.client.call('messages.translate', { ...told, language: 'German' });
      return { ...told };
    },
    check: async ({ t, product, input }) => t.strictSame(await translationsOf(product, input), []),
  },
};

async function translationsOf(product: Product, input: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { conversation, message } = input as { conversation: string; message: string };
  return (await product.client.call('messages.show', { conversation, message })).translations;
}

/** A conversation with one message that is answered. */
async function talked(product: Product): Promise<{ conversation: string; message: string }> {
  const { id: conversation } = await product.client.call('conversations.create', { bot: 'assistant' });
  const { message } = await product.client.call('messages.send', { conversation, text: 'hi' });
  const isOver = async () => (await product.client.call('conversations.show', { conversation })).state === 'idle';
  await until('the answer', isOver, 30_000);
  return { conversation, message };
}
