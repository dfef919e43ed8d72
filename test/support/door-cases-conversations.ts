import { existsSync } from 'node:fs';
import path from 'node:path';
import { listOf } from './answers.ts';
import type { DoorCase } from './door-cases.ts';
import { until, type Product } from './product.ts';

const nonsense = { nonsense: 'x' };
const place = { conversation: 'x', message: 'x' };

export const conversationCases: Record<string, DoorCase> = {
  'conversations.create': {
    wrong: { bot: '' },
    right: { bot: 'assistant' },
    check: async ({ t, product, output }) => {
      const [line = ''] = (await readJournal(product, 'assistant', String(output.id))).split('\n');
      t.match(JSON.parse(line), { v: 1, seq: 1, changes: [{ type: 'conversation', id: output.id }] });
    },
  },
  'conversations.list': {
    wrong: { limit: 0 },
    right: { limit: 5 },
    check: ({ t, output }) => t.ok(listOf(output.conversations).length <= 5),
  },
  'conversations.show': {
    wrong: { conversation: 'x', ...nonsense },
    right: { conversation: 'x' },
    prepare: newConversation,
    check: ({ t, output, input }) => t.match(output, { id: input.conversation, nodes: [], state: 'idle' }),
  },
  'messages.send': {
    wrong: { conversation: 'x', text: '  ' },
    right: { conversation: 'x', text: 'hi' },
    prepare: async (product) => ({ ...(await newConversation(product)), text: 'Remember the owl.' }),
    check: async ({ t, product, input, output }) => {
      const journal = await readJournal(product, 'assistant', String(input.conversation));
      t.match(journal, 'Remember the owl.', 'what was acknowledged is on disk');
      t.match(journal, String(output.reply));
    },
  },
  'conversations.stop': {
    wrong: { conversation: 'x', ...nonsense },
    right: { conversation: 'x' },
    prepare: async (product) => {
      const { conversation } = await newConversation(product);
      await product.client.call('messages.send', { conversation, text: 'Tell me everything about yourself, please.' });
      return { conversation };
    },
    check: async ({ t, product, input, output }) => {
      t.strictSame(output, { stopped: true });
      t.match(await readJournal(product, 'assistant', String(input.conversation)), '"state":"stopped"');
    },
  },
  'conversations.delete': {
    wrong: { conversation: 'x', ...nonsense },
    right: { conversation: 'x' },
    prepare: newConversation,
    check: ({ t, product, input }) => {
      t.notOk(existsSync(path.dirname(journalOf(product, 'assistant', String(input.conversation)))));
    },
  },
  'conversations.rename': {
    wrong: { conversation: 'x', title: '  ' },
    right: { conversation: 'x', title: 'Plans' },
    prepare: async (product) => ({ ...(await newConversation(product)), title: 'Plans for spring' }),
    check: async ({ t, product, input, output }) => {
      t.match(output, { title: 'Plans for spring' });
      t.match(await readJournal(product, 'assistant', String(input.conversation)), '"title":"Plans for spring"');
    },
  },
  'conversations.archive': {
    wrong: { conversation: 'x', ...nonsense },
    right: { conversation: 'x' },
    prepare: newConversation,
    check: async ({ t, product, input }) => {
      const { conversations } = await product.client.call('conversations.list', { archived: true });
      t.ok(conversations.some(({ id }) => id === input.conversation));
      const sent = product.client.call('messages.send', { conversation: String(input.conversation), text: 'hi' });
      await t.rejects(sent, { code: 'LANE_ARCHIVED', status: 409 });
    },
  },
  'conversations.unarchive': {
    wrong: { conversation: 'x', ...nonsense },
    right: { conversation: 'x' },
    prepare: async (product) => {
      const made = await newConversation(product);
      await product.client.call('conversations.archive', made);
      return made;
    },
    check: async ({ t, product, input }) => {
      const { archived } = await product.client.call('conversations.show', {
        conversation: String(input.conversation),
      });
      t.equal(archived, false);
    },
  },
  'conversations.audit': {
    wrong: { conversation: 'x', ...nonsense },
    right: { conversation: 'x' },
    prepare: newConversation,
    check: ({ t, output }) => t.match(output, { ok: true, findings: [] }),
  },
  'conversations.context': {
    wrong: { conversation: 'x', ...nonsense },
    right: { conversation: 'x' },
    prepare: (product) => talked(product).then(({ conversation }) => ({ conversation })),
    check: ({ t, output }) => {
      t.match(output.messages, [{ role: 'user', text: 'hi' }, { role: 'assistant' }]);
      t.ok(Number(output.tokens) > 10);
    },
  },
  'conversations.compact': {
    wrong: { conversation: 'x', keep: 0 },
    right: { conversation: 'x' },
    prepare: async (product) => {
      const { conversation } = await talked(product);
      await product.client.call('messages.send', { conversation, text: 'And again' });
      await ended(product, conversation);
      return { conversation, keep: 1 };
    },
    check: async ({ t, product, input, output }) => {
      t.equal(output.nodes, 2);
      t.match(await readJournal(product, 'assistant', String(input.conversation)), '"type":"compress"');
    },
  },
  'conversations.export': {
    wrong: { conversation: 'x', format: 'pdf' },
    right: { conversation: 'x' },
    prepare: (product) => talked(product).then(({ conversation }) => ({ conversation })),
    check: ({ t, output }) => t.match(String(output.text), /^# hi\n.*## You\n\nhi\n\n## Assistant\n/is),
  },
  'messages.list': {
    wrong: { conversation: 'x', limit: 0 },
    right: { conversation: 'x' },
    prepare: (product) => talked(product).then(({ conversation }) => ({ conversation, limit: 1 })),
    check: ({ t, output }) => {
      t.strictSame(
        listOf(output.messages).map(({ kind }) => kind),
        ['user', 'agent'],
        'whole turns, however few are asked for',
      );
    },
  },
  'messages.show': {
    wrong: { ...place, ...nonsense },
    right: place,
    prepare: (product) => talked(product).then(({ conversation, message }) => ({ conversation, message })),
    check: ({ t, output }) => t.match(output, { kind: 'user', text: 'hi', cursor: /:/ }),
  },
  'messages.stop': {
    wrong: { ...place, ...nonsense },
    right: place,
    prepare: async (product) => {
      const { conversation } = await newConversation(product);
      const text = 'Tell me everything about yourself, please.';
      const { reply } = await product.client.call('messages.send', { conversation, text });
      return { conversation, message: reply };
    },
    check: async ({ t, product, input, output }) => {
      t.strictSame(output, { stopped: true });
      t.match(await readJournal(product, 'assistant', String(input.conversation)), '"state":"stopped"');
    },
  },
  'messages.edit': {
    wrong: { ...place, text: '  ' },
    right: { ...place, text: 'hello' },
    prepare: async (product) => {
      const { conversation, message } = await talked(product);
      return { conversation, message, text: 'Hello there' };
    },
    check: async ({ t, product, input }) => {
      const page = await ended(product, String(input.conversation));
      t.match(page.nodes, [{ kind: 'user', text: 'Hello there', version: { number: 2, of: 2 } }, { kind: 'agent' }]);
    },
  },
  'messages.retry': {
    wrong: { ...place, ...nonsense },
    right: place,
    prepare: async (product) => {
      const { conversation } = await newConversation(product);
      const text = 'Tell me everything about yourself, please.';
      const { reply } = await product.client.call('messages.send', { conversation, text });
      await product.client.call('conversations.stop', { conversation });
      return { conversation, message: reply };
    },
    check: async ({ t, product, input, output }) => {
      const page = await ended(product, String(input.conversation));
      t.match(page.nodes[1], { id: output.message, state: 'finished', run: { attempt: 2 }, version: { of: 1 } });
      t.equal(page.nodes.length, 2, 'one answer, not two');
    },
  },
  'messages.regenerate': {
    wrong: { ...place, ...nonsense },
    right: place,
    prepare: (product) => talked(product).then(({ conversation, reply }) => ({ conversation, message: reply })),
    check: async ({ t, product, input, output }) => {
      const page = await ended(product, String(input.conversation));
      t.match(page.nodes[1], { id: output.message, version: { number: 2, of: 2 } });
    },
  },
  'messages.select': {
    wrong: { ...place, version: '' },
    right: { ...place, version: 'next' },
    prepare: async (product) => {
      const { conversation, reply } = await talked(product);
      const { message } = await product.client.call('messages.regenerate', { conversation, message: reply });
      await ended(product, conversation);
      return { conversation, message, version: 'previous' };
    },
    check: async ({ t, product, input }) => {
      const page = await ended(product, String(input.conversation));
      t.match(page.nodes[1], { version: { number: 1, of: 2 } });
    },
  },
  'messages.exclude': visibility('excluded', true),
  'messages.include': visibility('excluded', false, 'messages.exclude'),
  'messages.delete': visibility('deleted', true),
  'messages.restore': visibility('deleted', false, 'messages.delete'),
  'branches.create': {
    wrong: { conversation: 'x', from: '' },
    right: { conversation: 'x', from: 'x' },
    prepare: async (product) => {
      const { conversation, reply } = await talked(product);
      return { conversation, from: reply, text: 'And aside?' };
    },
    check: async ({ t, product, input, output }) => {
      const lane = String(output.lane);
      const page = await ended(product, String(input.conversation), lane);
      t.strictSame(
        page.nodes.filter(({ kind }) => kind === 'user').map(({ text }) => text),
        ['hi', 'And aside?'],
      );
      t.equal((await ended(product, String(input.conversation))).nodes.length, 2, 'the main line knows nothing of it');
    },
  },
  'branches.merge': {
    wrong: { conversation: 'x', branches: ['x'], ...nonsense },
    right: { conversation: 'x', branches: ['x'] },
    prepare: async (product) => {
      const { conversation, reply } = await talked(product);
      const made = await product.client.call('branches.create', { conversation, from: reply, text: 'And aside?' });
      await ended(product, conversation, made.lane);
      return { conversation, branches: [made.lane] };
    },
    check: async ({ t, product, input, output }) => {
      const page = await ended(product, String(input.conversation));
      t.match(page.nodes.at(-1), { id: output.reply, kind: 'agent', state: 'finished' });
    },
  },
  'calls.list': {
    wrong: { conversation: 'x', ...nonsense },
    right: { conversation: 'x' },
    prepare: (product) => asking(product).then(({ conversation }) => ({ conversation })),
    check: ({ t, output }) => t.match(output.calls, [{ state: 'awaiting_approval', tool: { name: 'bots_list' } }]),
  },
  'calls.approve': {
    wrong: { conversation: 'x', call: 'x', for: 'ever' },
    right: { conversation: 'x', call: 'x' },
    prepare: asking,
    check: async ({ t, product, input }) => {
      const page = await ended(product, String(input.conversation));
      const task = page.nodes.find(({ id }) => id === input.call);
      t.match(task, { state: 'finished', tool: { isError: false, result: /assistant/ } });
    },
  },
  'calls.deny': {
    wrong: { conversation: 'x', call: 'x', ...nonsense },
    right: { conversation: 'x', call: 'x' },
    prepare: asking,
    check: async ({ t, product, input }) => {
      const page = await ended(product, String(input.conversation));
      t.match(
        page.nodes.find(({ id }) => id === input.call),
        { state: 'rejected', reason: 'approval_denied' },
      );
      t.equal(page.nodes.at(-1)?.state, 'finished', 'the bot goes on without');
    },
  },
  'runs.list': {
    wrong: { state: 'asleep' },
    right: { limit: 5 },
    prepare: (product) => talked(product).then(({ conversation }) => ({ conversation })),
    check: ({ t, output, input }) => t.match(output.runs, [{ conversation: input.conversation, state: 'succeeded' }]),
  },
  'runs.show': {
    wrong: { conversation: 'x', run: 'x', ...nonsense },
    right: { conversation: 'x', run: 'x' },
    prepare: (product) => talked(product).then(({ conversation, reply }) => ({ conversation, run: reply })),
    check: ({ t, output }) => {
      t.match(output, { state: 'succeeded', model: 'demo', botVersion: /^[0-9a-f]{40}$/, attempt: 1 });
      t.ok(listOf(output.prompt).some(({ id }) => id === 'soul'));
    },
  },
};

/** Something that is said of a message and kept in the journal. */
function visibility(
  key: 'excluded' | 'deleted',
  value: boolean,
  before?: 'messages.exclude' | 'messages.delete',
): DoorCase {
  return {
    wrong: { ...place, ...nonsense },
    right: place,
    prepare: async (product) => {
      const { conversation, message } = await talked(product);
      if (before) await product.client.call(before, { conversation, message });
      return { conversation, message };
    },
    check: async ({ t, product, input }) => {
      const journal = await readJournal(product, 'assistant', String(input.conversation));
      const last = journal.split('\n').findLast((line) => line.includes('"type":"visibility"'));
      t.match(last, `"${key}":${value}`);
      const { nodes } = await ended(product, String(input.conversation));
      const shown = nodes.find(({ id }) => id === input.message);
      if (key === 'excluded') t.equal(shown?.excluded, value);
      else t.equal(shown === undefined, value);
    },
  };
}

interface Talk {
  readonly conversation: string;
  readonly message: string;
  readonly reply: string;
}

/** A conversation with one message that is answered. */
async function talked(product: Product): Promise<Talk> {
  const { conversation } = await newConversation(product);
  const { message, reply } = await product.client.call('messages.send', { conversation, text: 'hi' });
  await ended(product, conversation);
  return { conversation, message, reply };
}

/** The page when nothing is under way any more. */
function ended(product: Product, conversation: string, lane = 'main') {
  return until(
    'everything has ended',
    async () => {
      const page = await product.client.call('conversations.show', { conversation, lane });
      return page.state === 'idle' && page;
    },
    30_000,
  );
}

/** A conversation in which a call waits for a person. */
async function asking(product: Product): Promise<{ conversation: string; call: string }> {
  const { slug } = await product.client.call('bots.create', { name: 'Careful' });
  await product.client.call('files.write', { bot: slug, path: 'bot.yaml', text: 'tools: { ask: ["*"] }\n' });
  const { id: conversation } = await product.client.call('conversations.create', { bot: slug });
  await product.client.call('messages.send', { conversation, text: 'List the bots.' });
  const call = await until(
    'a call that waits',
    async () => {
      const { calls } = await product.client.call('calls.list', { conversation });
      return calls[0]?.id;
    },
    30_000,
  );
  return { conversation, call };
}

async function newConversation(product: Product): Promise<{ conversation: string }> {
  const { id } = await product.client.call('conversations.create', { bot: 'assistant' });
  return { conversation: id };
}

export function journalOf(product: Product, bot: string, id: string): string {
  return path.join(product.home, 'data', bot, 'conversations', id, 'journal.jsonl');
}

async function readJournal(product: Product, bot: string, id: string): Promise<string> {
  return (await product.files.read(`data/${bot}/conversations/${id}/journal.jsonl`)) ?? '';
}
