import { rename } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import type { MockAnswer } from '../../plugins/mock/answer.ts';
import type { NodeView } from '../../plugins/conversations/views.ts';
import { startMockModel } from '../support/mock-model.ts';
import { startProduct, until } from '../support/product.ts';
import { begin, providersFile, say } from '../support/talk.ts';

t.setTimeout(240_000);

/** On a machine that is busy with other things. */
const PATIENCE_MS = 20_000;

/** What keeps a model from answering until it is let. */
class Gate {
  #open = Promise.resolve();
  /** Lets those who wait go. */
  open: () => void = () => undefined;
  /** How many wait. */
  waiting = 0;

  readonly before = async (): Promise<void> => {
    this.waiting += 1;
    await this.#open;
    this.waiting -= 1;
  };

  shut(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open = promise;
    this.open = resolve;
  }
}

const gate = new Gate();
await using mock = await startMockModel({ before: gate.before });
const settings = `plugins:
  conversations: { messagesPerMinute: 0, stopsPerMinute: 0 }
  slow: true
`;

/** A plugin whose tool never ends, and heeds no signal. */
const slow = `
import { defineAction, definePlugin, z } from 'boternity';
export default definePlugin({
  name: 'slow', needs: ['actions'],
  setup({ actions }) {
    actions.add(defineAction({
      name: 'slow.wait', summary: 'Waits.', permission: 'slow:use', doors: ['bot'],
      input: z.strictObject({}), output: z.looseObject({}), run: () => new Promise(() => undefined),
    }));
  },
});
`;
const bot = (name: string, more = '{}', input = 'queue'): Record<string, string> => ({
  [`bots/${name}/SOUL.md`]: `---\nname: ${name}\n---\n\nYou are ${name}.\n`,
  [`bots/${name}/bot.yaml`]: `tools: ${more}\nconversation: { title: words, input: ${input} }\n`,
});
await using product = await startProduct({
  files: {
    'providers.yaml': providersFile(mock.url, { window: 5_000 }),
    'settings.yaml': settings,
    'plugins/slow/index.ts': slow,
    ...bot('ada', '{ allow: [time_now, slow_wait], ask: [bots_list, skills_list], required: [skills_list] }'),
    ...bot('hasty', '{}', 'restart'),
    ...bot('fresh', '{}', 'refuse-stale'),
    ...bot('moving'),
  },
});

const show = (conversation: string, lane = 'main') =>
  product.client.call('conversations.show', { conversation, lane, limit: 1_000 });
const send = (conversation: string, text: string, lane = 'main') =>
  product.client.call('messages.send', { conversation, text, lane });
const idle = (conversation: string) =>
  until(
    `${conversation} is idle`,
    async () => {
      const page = await show(conversation);
      return page.state === 'idle' && page;
    },
    PATIENCE_MS,
  );
const nodeIn = (nodes: readonly NodeView[], id: string): NodeView | undefined => nodes.find((node) => node.id === id);
const findings = async (conversation: string) =>
  (await product.client.call('conversations.audit', { conversation })).findings;
const words = (count: number, word: string): string =>
  Array.from({ length: count }, (_, at) => `${word}${at}`).join(' ');

t.beforeEach(() => mock.clear());
t.afterEach(() => gate.open());

/** A conversation in which an answer is claimed and has not begun: the model is asked for a summary first, and is kept from giving it. */
async function summingUp(name: string): Promise<{ conversation: string; first: string; reply: string }> {
  const conversation = await begin(product, name);
  mock.script('One.', { error: { status: 500 } });
  await say(product, conversation, words(700, 'one'));
  const second = await say(product, conversation, words(800, 'two'));
  gate.shut();
  const { reply } = await send(conversation, words(900, 'three'));
  await until('the call for a summary', () => gate.waiting === 1, PATIENCE_MS);
  return { conversation, first: second.answer.id, reply };
}

await t.test(
  'an answer that is claimed runs, whatever its state says: nobody overtakes it or slips in before it',
  async (t) => {
    const waiting = await summingUp('ada');
    t.equal(nodeIn((await show(waiting.conversation)).nodes, waiting.reply)?.state, 'pending');
    await t.rejects(
      product.client.call('messages.retry', { conversation: waiting.conversation, message: waiting.first }),
      { code: 'RETRY_REFUSED', status: 409 },
      'the answer before it would be given beside it',
    );
    mock.script('A summary.', 'Three.');
    gate.open();
    const ended = nodeIn((await idle(waiting.conversation)).nodes, waiting.reply);
    t.match(ended, { state: 'finished', text: 'Three.', reason: null });

    const overtaken = await summingUp('hasty');
    mock.clear();
    const { reply } = await send(overtaken.conversation, 'Something else');
    mock.script('A summary.', 'A summary.', 'Else.');
    gate.open();
    const { nodes } = await idle(overtaken.conversation);
    t.match(nodeIn(nodes, overtaken.reply), { state: 'stopped', text: '', run: { state: 'canceled' } });
    t.match(nodeIn(nodes, reply), { state: 'finished', text: 'Else.' });
    t.equal(mock.requests().length, 3, 'no model answers what was overtaken');

    const stale = await summingUp('fresh');
    const newest = await send(stale.conversation, 'Something else');
    mock.script('A summary.', 'Three.', 'Else.');
    gate.open();
    const page = await idle(stale.conversation);
    t.match(
      nodeIn(page.nodes, stale.reply),
      { state: 'finished', text: 'Three.' },
      'one that has begun is not dropped',
    );
    t.match(nodeIn(page.nodes, newest.reply), { state: 'finished', text: 'Else.' });
    for (const { conversation } of [waiting, overtaken, stale]) t.strictSame(await findings(conversation), []);
  },
);

await t.test(
  'more conversations at once than are kept open: none refuses a message, none is left without an answer',
  async (t) => {
    const ids = await Promise.all(Array.from({ length: 130 }, () => begin(product, 'ada')));
    const sent = await Promise.allSettled(ids.map((id) => send(id, 'Are you there?')));
    t.strictSame([...new Set(sent.flatMap((each) => (each.status === 'rejected' ? String(each.reason) : [])))], []);
    const pages = await until(
      'all are answered',
      async () => {
        const { conversations } = await product.client.call('conversations.list', { bot: 'ada', limit: 1_000 });
        const rows = conversations.filter(({ id }) => ids.includes(id));
        return rows.every(({ state, messages }) => state === 'idle' && messages === 1) && rows;
      },
      30_000,
    );
    t.equal(pages.length, ids.length);
    t.ok(pages.every(({ last }) => last.startsWith('Mock: Are you there?')));
  },
);

await t.test(
  'a bot that is renamed while it answers: what ran is stopped, what waited is answered in the new place',
  async (t) => {
    const conversation = await begin(product, 'moving');
    gate.shut();
    const first = await send(conversation, 'First');
    const second = await send(conversation, 'Second');
    await until('the call', () => gate.waiting === 1, PATIENCE_MS);
    const before = gate.waiting;
    await rename(path.join(product.home, 'bots/moving'), path.join(product.home, 'bots/moved'));
    await until('the new name', async () =>
      (await product.client.call('bots.list', {})).bots.some(({ slug }) => slug === 'moved'),
    );
    gate.open();
    const waiting = await until('the end of both', async () => {
      const { conversations } = await product.client.call('conversations.list', { bot: 'moved' });
      return conversations[0]?.state === 'idle' && conversations[0];
    });
    t.equal(before, 1);
    t.equal(waiting.id, conversation);
    const { nodes } = await show(conversation);
    t.match(nodeIn(nodes, first.reply), { state: 'stopped', run: { state: 'canceled' } });
    t.match(nodeIn(nodes, second.reply), { state: 'finished', text: 'Mock: Second' });
    t.strictSame(await findings(conversation), []);
  },
);

await t.test(
  '3 to 10 messages at once: with the first reply failed, stopped or still running the rest are answered in order',
  async (t) => {
    for (const [count, end] of [
      [3, 'fails'],
      [10, 'is stopped'],
      [7, 'goes on'],
    ] as const) {
      const conversation = await begin(product, 'ada');
      mock.clear();
      gate.shut();
      const numbers = Array.from({ length: count }, (_, at) => at + 1);
      const sent = [];
      for (const number of numbers) sent.push(await send(conversation, `Question ${number}`));
      const [first] = sent;
      await until('the first call', () => gate.waiting === 1, PATIENCE_MS);
      const { nodes, active } = await show(conversation);
      t.equal(active, first?.reply);
      t.strictSame(
        nodes.map(({ id, kind, turn }) => [id, kind, turn]),
        sent.flatMap(({ turn, message, reply }) => [
          [message, 'user', turn],
          [reply, 'agent', turn],
        ]),
        'each has its reply behind it from the beginning',
      );
      if (end === 'is stopped')
        await product.client.call('messages.stop', { conversation, message: first?.reply ?? '' });
      const rest = numbers.slice(1).map((number) => `Answer ${number}.`);
      // The call that was stopped takes an answer all the same.
      mock.script(end === 'fails' ? { error: { status: 400 } } : 'Answer 1.', ...rest);
      gate.open();
      const page = await idle(conversation);
      const said = page.nodes.filter(({ kind }) => kind === 'agent').map(({ state, text }) => `${state} ${text}`);
      const begun = { fails: 'errored ', 'is stopped': 'stopped ', 'goes on': 'finished Answer 1.' }[end];
      t.strictSame(said, [begun, ...rest.map((text) => `finished ${text}`)], `${count}, the first ${end}`);
      const runs = page.nodes.flatMap(({ run }) => run?.state ?? []);
      t.strictSame(
        runs.slice(1),
        rest.map(() => 'succeeded'),
      );
      t.strictSame(await findings(conversation), []);
    }
  },
);

await t.test('a stop in every state is a stop, leaves nothing behind, and the next message is answered', async (t) => {
  const { client } = product;
  const calling = (name: string) => ({ text: 'Let me see.', calls: [{ name }] });
  const stateOf = async (conversation: string, state: string) =>
    until(`a node that is ${state}`, async () =>
      (await show(conversation)).nodes.find((node) => node.state === state && node.kind !== 'user'),
    );
  const begun = async (...script: readonly MockAnswer[]): Promise<{ conversation: string; reply: string }> => {
    const conversation = await begin(product, 'ada');
    mock.clear();
    mock.script(...script);
    return { conversation, reply: (await send(conversation, 'Go')).reply };
  };
  const states: Record<string, () => Promise<{ conversation: string; reply: string }>> = {
    'asked, without a word': async () => {
      gate.shut();
      const made = await begun();
      await until('the call', () => gate.waiting > 0, PATIENCE_MS);
      return made;
    },
    writing: async () => {
      const made = await begun({ text: 'word '.repeat(50), hangAfter: 3 });
      await until(
        'its first words',
        async () => (nodeIn((await show(made.conversation)).nodes, made.reply)?.text ?? '') !== '',
      );
      return made;
    },
    'waiting behind another': async () => {
      const { conversation } = await begun({ text: 'word '.repeat(50), hangAfter: 3 });
      return { conversation, reply: (await send(conversation, 'And then')).reply };
    },
    'with a tool that is running': async () => {
      const made = await begun(calling('slow_wait'));
      return { ...made, reply: (await stateOf(made.conversation, 'running'))?.id ?? '' };
    },
    'with a call that waits for a person': async () => {
      const made = await begun(calling('bots_list'));
      return { ...made, reply: (await stateOf(made.conversation, 'awaiting_approval'))?.id ?? '' };
    },
    'with a required call that was denied': async () => {
      const made = await begun(calling('skills_list'));
      const call = (await stateOf(made.conversation, 'awaiting_approval'))?.id ?? '';
      await client.call('calls.deny', { conversation: made.conversation, call });
      t.equal((await show(made.conversation)).state, 'running', 'it is waited for');
      return made;
    },
  };
  for (const [what, prepare] of Object.entries(states)) {
    const { conversation, reply } = await prepare();
    t.strictSame(await client.call('messages.stop', { conversation, message: reply }), { stopped: true }, what);
    const { turn } = nodeIn((await show(conversation)).nodes, reply) ?? {};
    const { nodes } = await show(conversation);
    const own = nodes.filter((node) => node.turn === turn && node.kind !== 'user');
    t.ok(
      own.every(({ state }) => ['stopped', 'finished', 'rejected'].includes(state)),
      what,
    );
    t.equal(own.at(-1)?.state, 'stopped', what);
    t.equal(own.findLast(({ kind }) => kind === 'agent')?.run?.state, 'canceled', what);
    const again = await product.cliJson(['message', 'stop', conversation, reply]);
    t.strictSame(again, { stopped: false }, 'what has ended is not stopped again');
    await client.call('conversations.stop', { conversation });
    gate.open();
    mock.clear();
    t.match((await say(product, conversation, 'And now?')).answer, { state: 'finished', text: /^Mock: And now/ }, what);
    t.strictSame(await findings(conversation), [], what);
  }
});

await t.test(
  'a refusal changes nothing: a place where a branch begins stays, and what is answered there goes on',
  async (t) => {
    const { client } = product;
    const conversation = await begin(product, 'ada');
    const { answer, page } = await say(product, conversation, 'One');
    await client.call('branches.create', { conversation, from: answer.id, title: 'aside' });
    gate.shut();
    const { message, reply } = await send(conversation, 'Two');
    await until(
      'the answer',
      async () => nodeIn((await show(conversation)).nodes, reply)?.state === 'running',
      PATIENCE_MS,
    );
    for (const fork of [answer.id, message]) {
      if (fork === message) await client.call('branches.create', { conversation, from: message, kind: 'checkpoint' });
      await t.rejects(client.call('messages.delete', { conversation, message: fork }), {
        code: 'DELETE_REFUSED',
        status: 409,
      });
      t.equal(nodeIn((await show(conversation)).nodes, reply)?.state, 'running');
    }
    const { run, reason } = await client
      .call('messages.delete', { conversation, message: reply })
      .then(({ message: gone }) => gone);
    t.equal(`${run?.state} ${reason}`, 'canceled Stopped.', 'the head that is running is stopped and goes');
    gate.open();
    t.notOk(nodeIn((await idle(conversation)).nodes, reply));
    for (const from of [reply])
      await t.rejects(client.call('branches.create', { conversation, from }), {
        code: 'FORK_REFUSED',
        message: /deleted/,
      });
    await t.rejects(client.call('messages.regenerate', { conversation, message: page.nodes[0]?.id ?? '' }), {
      code: 'REGENERATE_REFUSED',
    });
    t.match((await say(product, conversation, 'Three')).answer.text, /^Mock: Three/);
    await client.call('messages.restore', { conversation, message: reply });
    t.ok(nodeIn((await show(conversation)).nodes, reply));
    t.strictSame(await findings(conversation), []);
  },
);

await t.test(
  'what is deleted or left out after it was summed up is in no prompt, and comes back when it is restored',
  async (t) => {
    const { client } = product;
    const conversation = await begin(product, 'ada');
    mock.script('Noted.', 'Fine.', 'Good.', 'The person has a secret garden.');
    const { page } = await say(product, conversation, 'I have a secret garden');
    await say(product, conversation, 'And a dog');
    await say(product, conversation, 'And a cat');
    await client.call('conversations.compact', { conversation, keep: 1 });
    const told = async (): Promise<string> =>
      (await client.call('conversations.context', { conversation })).messages.map(({ text }) => text).join('|');
    t.equal(await told(), '<summary>\nThe person has a secret garden.\n</summary>|And a cat|Good.');
    const message = page.nodes[0]?.id ?? '';
    await client.call('messages.delete', { conversation, message });
    t.equal(await told(), 'Noted.|And a dog|Fine.|And a cat|Good.', 'the summary would tell of it');
    mock.script('The person has a dog.');
    await client.call('conversations.compact', { conversation, keep: 1 });
    t.notMatch(mock.requests().at(-1)?.body, 'garden', 'nor does the next summary');
    t.equal(await told(), '<summary>\nThe person has a dog.\n</summary>|And a cat|Good.');
    await client.call('messages.restore', { conversation, message });
    t.match(await told(), /I have a secret garden/);
    await client.call('messages.exclude', { conversation, message });
    t.notMatch(await told(), /garden/);
    t.strictSame(await findings(conversation), []);
  },
);
