import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { startMockModel } from '../support/mock-model.ts';
import { startProduct, temporaryFolder, until, type Product } from '../support/product.ts';
import { begin, journalOf, providersFile, say } from '../support/talk.ts';

t.setTimeout(240_000);

await using mock = await startMockModel();
const files = {
  'providers.yaml': providersFile(mock.url),
  'bots/ada/SOUL.md': '---\nname: Ada\n---\n\nYou are Ada.\n',
  'bots/ada/bot.yaml': 'tools: { allow: [time_now] }\nconversation: { title: words }\n',
  'bots/other/SOUL.md': '---\nname: Other\n---\n\nYou are another.\n',
  'bots/listed/SOUL.md': '---\nname: Listed\n---\n\nYou are in lists.\n',
};
await using product = await startProduct({ files });

t.beforeEach(() => mock.clear());

const show = ({ client }: Product, conversation: string) =>
  client.call('conversations.show', { conversation, limit: 1_000 });
const idle = (product: Product, conversation: string) =>
  until(
    `${conversation} is idle`,
    async () => {
      const page = await show(product, conversation);
      return page.state === 'idle' && page;
    },
    20_000,
  );

/** Sends two messages, of which the first is answered with a call of a tool; gives those that were accepted. */
async function talk({ client }: Product, conversation: string): Promise<string[]> {
  mock.clear();
  mock.script({ text: 'Let me see.', calls: [{ name: 'time_now' }] }, 'Answer one.');
  const accepted: string[] = [];
  for (const text of ['First', 'Second'])
    await client.call('messages.send', { conversation, text }).then(
      ({ message }) => accepted.push(message),
      () => undefined,
    );
  return accepted;
}

await t.test(
  'killed at every write of a journal, before it, in the middle and after: every accepted message ends in exactly one way',
  async (t) => {
    const order = path.join(import.meta.dirname, '../support/die-at-write.ts');
    await using folder = await temporaryFolder({ wish: '' });
    const wish = path.join(folder.path, 'wish');
    await using product = await startProduct({
      files,
      env: { NODE_OPTIONS: `--import ${pathToFileURL(order).href}`, DIE_AT_WRITE: wish },
    });
    const ends = new Map<string, number>();
    let kills = 0;
    for (let number = 1; ; number += 1) {
      const conversation = await begin(product, 'ada');
      const when = ['before', 'half', 'after'][number % 3] ?? '';
      await writeFile(wish, `${number} ${when} ${conversation}`);
      const accepted = await talk(product, conversation);
      const isKilled = await until(
        'a kill or the end',
        async () => {
          if (!isAlive(product.pid)) return 'killed';
          return (await idle(product, conversation).catch(() => undefined)) && isAlive(product.pid)
            ? 'not killed'
            : false;
        },
        30_000,
      );
      if (isKilled === 'not killed') break;
      kills += 1;
      await writeFile(wish, '');
      await product.kill9();
      await product.start();
      const page = await idle(product, conversation);
      for (const message of accepted) {
        const asked = page.nodes.find(({ id }) => id === message);
        const replies = page.nodes.filter(({ kind, turn }) => kind === 'agent' && turn === asked?.turn);
        const end = replies.at(-1)?.run?.state ?? 'nothing';
        t.ok(['succeeded', 'failed'].includes(end), `write ${number} ${when}: ${end}`);
        ends.set(end, (ends.get(end) ?? 0) + 1);
        const others = replies.slice(0, -1).map(({ run }) => run?.state);
        t.ok(
          others.every((state) => state === 'succeeded'),
          'what came before its end is whole',
        );
      }
      const { findings } = await product.client.call('conversations.audit', { conversation });
      t.strictSame(findings, [], `write ${number} ${when}`);
      t.ok((await journalOf(product, conversation, 'ada')).length > 0, 'every line is whole');
      const sent = page.nodes.filter(({ kind }) => kind === 'user').length;
      t.ok(sent >= accepted.length && sent <= 2, 'what nobody accepted is there whole or not at all');
    }
    t.ok(kills >= 5, `${kills} writes`);
    t.ok((ends.get('succeeded') ?? 0) > 0, JSON.stringify([...ends]));
  },
);

await t.test(
  'what nothing is heard of is given up after its lease, the next gets its turn, and it can be tried again',
  async (t) => {
    const leased = { ...files, 'settings.yaml': 'plugins: { conversations: { leaseSeconds: 2 } }\n' };
    await using product = await startProduct({ files: leased });
    const conversation = await begin(product, 'ada');
    mock.script({ text: 'Some words, and then', hangAfter: 1 }, 'Second answer.', 'First answer.');
    const { client } = product;
    const lost = await client.call('messages.send', { conversation, text: 'First' });
    const next = await client.call('messages.send', { conversation, text: 'Second' });
    const { nodes } = await idle(product, conversation);
    const given = nodes.find(({ id }) => id === lost.reply);
    t.match(given, { state: 'errored', run: { state: 'failed', error: { code: 'RUN_LOST' } } });
    t.ok('Some words, and then'.startsWith(given?.text ?? '-'), 'what had come stays');
    t.match(
      nodes.find(({ id }) => id === next.reply),
      { state: 'finished', text: 'Second answer.' },
    );
    const { findings } = await client.call('conversations.audit', { conversation });
    t.strictSame(findings, []);
    const run = await client.call('runs.show', { conversation, run: lost.reply });
    t.match(run, { state: 'failed', attempt: 1, error: { code: 'RUN_LOST', message: /heard/ } });
    const again = await client.call('messages.regenerate', { conversation, message: lost.reply });
    await idle(product, conversation);
    const branch = await client.call('conversations.show', { conversation, lane: again.lane });
    t.match(branch.nodes.at(-1), { text: 'First answer.', run: { attempt: 1, error: null, usage: { input: /./ } } });
  },
);

await t.test('a damaged conversation is in nobody’s way: the others are listed, and it can be deleted', async (t) => {
  const [broken, well] = [await begin(product, 'other'), await begin(product, 'other')];
  for (const conversation of [broken, well]) await say(product, conversation, 'kept');
  await product.stop();
  const place = `data/other/conversations/${broken}/journal.jsonl`;
  const lines = ((await product.files.read(place)) ?? '').split('\n');
  await product.files.write(place, lines.with(1, lines[1]?.slice(0, 20) ?? '').join('\n'));
  await product.start();
  const { client } = product;
  await t.rejects(show(product, broken), { code: 'JOURNAL_TORN' });
  const { runs } = await client.call('runs.list', { bot: 'other' });
  t.strictSame([...new Set(runs.map(({ conversation }) => conversation))], [well]);
  t.equal((await product.cli(['run', 'list', 'other'])).code, 0);
  const deleted = await Promise.allSettled(
    [1, 2, 3].map(() => client.call('conversations.delete', { conversation: broken })),
  );
  t.equal(deleted.filter(({ status }) => status === 'fulfilled').length, 1, 'of three who delete it one does');
  t.match(
    deleted.flatMap((each) => (each.status === 'rejected' ? (each.reason as object) : [])),
    [
      { code: 'CONVERSATION_MISSING', status: 404 },
      { code: 'CONVERSATION_MISSING', status: 404 },
    ],
  );
  t.equal(await product.files.read(place), undefined);
  t.strictSame(idsIn(await client.call('conversations.list', { bot: 'other' })), [well]);
});

await t.test(
  'a bot whose folder is away for a while, as a git checkout takes it, has its conversations when it is back',
  async (t) => {
    const { client } = product;
    const conversation = await begin(product, 'ada');
    await say(product, conversation, 'kept');
    const there = path.join(product.home, 'bots/ada');
    const isListed = async (): Promise<boolean> =>
      (await client.call('bots.list', {})).bots.some(({ slug }) => slug === 'ada');
    await rename(there, path.join(product.home, 'away'));
    await until('the bot is gone', async () => !(await isListed()), 20_000);
    await rename(path.join(product.home, 'away'), there);
    await until('the bot is back', isListed, 20_000);
    t.match(await show(product, conversation), { nodes: [{ text: 'kept' }, {}] });
    t.strictSame(idsIn(await client.call('conversations.list', { bot: 'ada' })), [conversation]);
    t.match((await say(product, conversation, 'Still there?')).answer.text, /^Mock: Still there/);
  },
);

await t.test('a list of 1,000 conversations is whole, in order, and the same at every door', async (t) => {
  const one = await begin(product, 'listed');
  await say(product, one, 'kept');
  await product.stop();
  const journal = (await product.files.read(`data/listed/conversations/${one}/journal.jsonl`)) ?? '';
  const ids = Array.from({ length: 999 }, (_, at) => `01a00000-0000-7000-8000-${String(at).padStart(12, '0')}`);
  for (const [at, id] of ids.entries()) {
    const folder = path.join(product.home, 'data/listed/conversations', id);
    await mkdir(folder);
    const time = new Date(Date.UTC(2026, 0, 1) + at * 1_000).toISOString();
    await writeFile(
      path.join(folder, 'journal.jsonl'),
      journal.replaceAll(one, id).replaceAll(/"at":"[^"]*"/g, `"at":"${time}"`),
    );
  }
  await product.start();
  const { client } = product;
  const list = await client.call('conversations.list', { bot: 'listed', limit: 1_000 });
  t.strictSame(idsIn(list), [one, ...ids.toReversed()], 'latest first');
  t.ok(
    list.conversations.every(({ messages, state, bot }) => messages === 1 && state === 'idle' && bot.slug === 'listed'),
  );
  const typed = (await product.cliJson(['conversation', 'list', 'listed', '--limit', '1000'])) as typeof list;
  t.strictSame(idsIn(typed), idsIn(list));
  t.equal(
    (await client.call('conversations.list', { bot: 'listed' })).conversations.length,
    100,
    'a hundred unless told otherwise',
  );
  await t.rejects(client.call('conversations.list', { limit: 1_001 }), { code: 'INPUT_INVALID' });
  const last = ids[0] ?? '';
  t.match((await say(product, last, 'And now?')).answer.state, 'finished');
  t.strictSame(
    idsIn(await client.call('conversations.list', { bot: 'listed', limit: 2 })),
    [last, one],
    'what was said last comes first',
  );
  await product.kill9();
  await product.start();
  t.strictSame(idsIn(await product.client.call('conversations.list', { bot: 'listed', limit: 3 })), [
    last,
    one,
    ids.at(-1),
  ]);
});

await t.test('a message that is sent again with its key is the same message, whatever became of it', async (t) => {
  const { client } = product;
  const conversation = await begin(product, 'ada');
  await client.call('secrets.set', { name: 'EDGE', value: 'a-long-secret-of-edges', check: false });
  const message = { conversation, text: 'The key is a-long-secret-of-edges', key: 'k1' };
  mock.script({ error: { status: 400 } });
  const sent = await client.call('messages.send', message);
  await idle(product, conversation);
  const again = await client.call('messages.send', message);
  t.equal(again.message, sent.message, 'also when it holds a secret, which the journal does not');
  const { message: tried } = await client.call('messages.retry', { conversation, message: sent.reply });
  t.equal((await client.call('messages.send', message)).reply, tried, 'the reply is the one that stands there now');
  await idle(product, conversation);
  const { lane } = await client.call('branches.create', { conversation, from: tried });
  for (const other of [{ text: 'Something else' }, { lane }])
    await t.rejects(client.call('messages.send', { ...message, ...other }), { code: 'MESSAGE_CONFLICT', status: 409 });
  t.equal((await show(product, conversation)).messages, 1);
  await Promise.all([1, 2, 3, 4].map(() => client.call('messages.send', { conversation, text: 'At once', key: 'k2' })));
  t.equal((await idle(product, conversation)).messages, 2, 'four at once are one too');
});

await t.test('neither a history of very many messages nor an answer without an end is too much', async (t) => {
  const roomy = { ...files, 'providers.yaml': providersFile(mock.url, { window: 1_000_000 }) };
  await using product = await startProduct({ files: roomy });
  const messages = Array.from({ length: 30_000 }, () => ({ role: 'user', content: 'a' }));
  const response = await product.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'boternity/other', messages }),
    signal: AbortSignal.timeout(60_000),
  });
  t.equal(response.status, 200);
  t.match(await response.json(), { choices: [{ finish_reason: 'stop' }] });

  const piece = JSON.stringify({ choices: [{ index: 0, delta: { content: 'x'.repeat(1_000_000) } }] });
  mock.clear();
  mock.script({ raw: Array.from({ length: 30 }, () => piece) });
  const conversation = await begin(product, 'ada');
  const { answer } = await say(product, conversation, 'Write for ever', 60_000);
  t.match(answer, { state: 'finished', reason: /longest length/, run: { state: 'succeeded' } });
  t.ok(answer.text.length > 16_000_000 && answer.text.length < 19_000_000, `${answer.text.length} characters`);
  const kept = await product.client.call('messages.show', { conversation, message: answer.id });
  t.equal(kept.text.length, answer.text.length, 'and all of it is kept');
});

function idsIn({ conversations }: { readonly conversations: readonly { readonly id: string }[] }): string[] {
  return conversations.map(({ id }) => id);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
