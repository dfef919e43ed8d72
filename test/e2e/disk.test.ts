import { spawnSync } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { CallError } from '../../core/ui/client.ts';
import { bnity, temporaryFolder, until, type Folder } from '../support/product.ts';
import { begin, journalOf, say, sees, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

await t.test(
  'a full disk refuses every kind of write whole, the server lives on, and all is well when there is room',
  async (t) => {
    await using disk = await mount(t, 'tmpfs', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs']);
    if (!disk) return;
    await using talking = await startTalking({ home: disk.path });
    const { product } = talking;
    const { client, files } = product;
    const conversation = await begin(product);
    await say(product, conversation, 'before');
    const readAll = (): Promise<(string | undefined)[]> =>
      Promise.all(['settings.yaml', 'providers.yaml', 'bots/assistant/bot.yaml'].map((file) => files.read(file)));
    const before = await readAll();
    await fill(disk);
    const big = 'x'.repeat(20_000);
    const writes: Record<string, () => Promise<unknown>> = {
      'a message': () => client.call('messages.send', { conversation, text: big }),
      'a bot': () => client.call('bots.create', { name: 'Too much' }),
      'a clone': () => client.call('bots.clone', { bot: 'assistant' }),
      'a setting': () => client.call('settings.set', { key: 'model', value: big }),
      'a provider': () =>
        client.call('providers.add', { name: 'far', address: 'http://127.0.0.1:1/v1', models: [big] }),
      'settings of a bot': () => client.call('bots.configure', { bot: 'assistant', model: big }),
    };
    for (const [what, write] of Object.entries(writes)) {
      const refused = await refusalOf(write());
      t.match(
        refused,
        { status: 507, code: 'DISK_FULL', message: /no space|only a part/i, hint: /Free some space/ },
        what,
      );
    }
    const typed = await product.cli(['create', 'Too much']);
    t.equal(typed.code, 1);
    t.match(typed.stderr, 'DISK_FULL');
    t.strictSame(await readAll(), before, 'the old files stand whole');
    const journal = await files.read(`data/assistant/conversations/${conversation}/journal.jsonl`);
    t.ok(journal?.endsWith('}\n'), 'nor has the journal a half line');
    t.strictSame(await readdir(path.join(disk.path, 'bots')), ['assistant']);
    const leftovers = (await readdir(disk.path, { recursive: true })).filter((name) =>
      /bnity-tmp|staging\/./.test(name),
    );
    t.strictSame(leftovers, [], 'and nothing half-written lies about');
    t.match(await client.call('conversations.show', { conversation }), {
      nodes: [{ text: 'before' }, { state: 'finished' }],
    });

    await rm(path.join(disk.path, 'filler'));
    t.match((await say(product, conversation, 'after')).answer.text, 'Mock: after');
    await client.call('bots.create', { name: 'Room again' });
    await product.kill9();
    await product.start();
    const { nodes } = await product.client.call('conversations.show', { conversation });
    t.strictSame(
      nodes.filter(({ kind }) => kind === 'user').map(({ text }) => text),
      ['before', 'after'],
    );
  },
);

await t.test(
  'an answer during which the disk was full for a while is the same text after the next start',
  async (t) => {
    await using disk = await mount(t, 'tmpfs', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs']);
    if (!disk) return;
    await using talking = await startTalking({ home: disk.path });
    const { product, mock } = talking;
    const conversation = await begin(product);
    const text = Array.from({ length: 1_200 }, (_, at) => `${at} ${'lorem ipsum '.repeat(2)}`).join('');
    mock.script({ text, chunkSize: 100, delayMs: 5 });
    using live = product.client.conversation(conversation);
    const { reply } = await live.send('Tell me a lot');
    const textNow = (): string => live.page?.nodes.find(({ id }) => id === reply)?.text ?? '';
    await sees(live, () => textNow().length > 5_000);
    await fill(disk);
    const atFull = textNow().length;
    await sees(live, () => textNow().length > atFull + 9_000);
    await rm(path.join(disk.path, 'filler'));
    const page = await sees(
      live,
      ({ nodes }) => nodes.some(({ id, state }) => id === reply && state !== 'running' && state !== 'pending'),
      30_000,
    );
    const shown = page.nodes.find(({ id }) => id === reply);
    await product.stop();
    await product.start();
    const { nodes } = await product.client.call('conversations.show', { conversation });
    const kept = nodes.find(({ id }) => id === reply);
    t.equal(kept?.state, shown?.state);
    t.ok(text.startsWith(kept?.text ?? '-'), 'no piece is missing in the middle');
    t.equal(kept?.text.length, shown?.text.length, 'everything that was shown as the answer is kept');
    t.ok((await journalOf(product, conversation)).length > 0, 'and every line of the journal is whole');
  },
);

await t.test(
  'an answer for whose end there is no room ends in words, and the conversation goes on later',
  async (t) => {
    await using disk = await mount(t, 'tmpfs', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs']);
    if (!disk) return;
    await using talking = await startTalking({ home: disk.path });
    const { product, mock } = talking;
    const conversation = await begin(product);
    mock.script({ text: 'lorem ipsum '.repeat(1_500), chunkSize: 60, delayMs: 8 });
    using live = product.client.conversation(conversation);
    const { reply } = await live.send('Tell me a lot');
    await sees(live, ({ nodes }) => nodes.some(({ id, text }) => id === reply && text.length > 2_000));
    await fill(disk);
    const page = await sees(
      live,
      ({ nodes }) => nodes.some(({ id, state }) => id === reply && state === 'errored'),
      30_000,
    );
    t.match(
      page.nodes.find(({ id }) => id === reply),
      {
        reason: /no space|only a part/i,
        run: { state: 'failed', error: { code: 'DISK_FULL', hint: /Free some space/ } },
      },
    );
    await rm(path.join(disk.path, 'filler'));
    t.match((await say(product, conversation, 'And now?')).answer.text, 'Mock: And now?');
    await product.stop();
    await product.start();
    const { nodes } = await product.client.call('conversations.show', { conversation });
    t.strictSame(
      nodes.map(({ kind, state }) => `${kind} ${state}`),
      ['user finished', 'agent errored', 'user finished', 'agent finished'],
    );
  },
);

await t.test('after a crash a conversation can be read on a full disk, and goes on when there is room', async (t) => {
  await using disk = await mount(t, 'tmpfs', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs']);
  if (!disk) return;
  await using talking = await startTalking({ home: disk.path });
  const { product, mock } = talking;
  const conversation = await begin(product);
  mock.script({ text: 'word '.repeat(500), hangAfter: 20 });
  const { reply } = await product.client.call('messages.send', { conversation, text: 'Tell me' });
  await until('the text on disk', async () =>
    JSON.stringify(await journalOf(product, conversation)).includes('"channel":"text"'),
  );
  await product.kill9();
  await product.start();
  await fill(disk);
  const { nodes } = await product.client.call('conversations.show', { conversation });
  t.match(
    nodes.find(({ id }) => id === reply),
    { state: 'errored', text: /^word/, run: { state: 'failed', error: { code: 'INTERRUPTED' } } },
  );
  t.match(await refusalOf(product.client.call('messages.send', { conversation, text: 'x'.repeat(20_000) })), {
    code: 'DISK_FULL',
  });
  await rm(path.join(disk.path, 'filler'));
  t.match((await say(product, conversation, 'And now?')).answer.text, 'Mock: And now?');
  await product.stop();
  await product.start();
  const later = await product.client.call('conversations.show', { conversation });
  t.match(
    later.nodes.find(({ id }) => id === reply),
    { state: 'errored', run: { error: { code: 'INTERRUPTED' } } },
  );
  t.strictSame((await product.client.call('conversations.audit', { conversation })).findings, []);
});

await t.test('a home on a read-only disk is refused with its path, by the server and by commands', async (t) => {
  await using source = await temporaryFolder();
  const place = source.path;
  await using disk = await mount(t, 'read-only bind', ['--bind', place]);
  if (!disk) return;
  if (spawnSync('mount', ['-o', 'remount,ro,bind', disk.path]).status !== 0)
    return t.comment('not run: no read-only mounts here');
  for (const args of [['serve', '--port', '0'], ['list'], ['chat', 'assistant', '--message', 'hi']]) {
    const { code, stderr } = await bnity([...args, '--home', disk.path]);
    t.equal(code, 1, String(args[0]));
    t.match(
      stderr,
      new RegExp(`^error: The home folder ${disk.path} cannot be written: .*\\[HOME_UNWRITABLE\\]\\n  → .*--home`),
      String(args[0]),
    );
    t.equal(stderr.trimEnd().split('\n').length, 2, 'one sentence and what to do');
  }
  const made = await bnity(['init', path.join(disk.path, 'fleet')]);
  t.equal(made.code, 1);
  t.match(made.stderr, 'HOME_UNWRITABLE');
});

await t.test('a home below a file is refused in the same way', async (t) => {
  await using folder = await temporaryFolder({ file: 'I am a file' });
  for (const args of [['list'], ['chat', 'assistant', '--message', 'hi']]) {
    const { code, stderr } = await bnity([...args, '--home', path.join(folder.path, 'file/home')]);
    t.equal(code, 1, String(args[0]));
    t.match(stderr, /^error: The home folder .*file\/home cannot be written: .*\[HOME_UNWRITABLE\]\n/, String(args[0]));
    t.notMatch(stderr, 'did not expect', 'and why');
  }
});

/** A small disk of its own; undefined, with a word, where this user may not mount one. */
async function mount(t: Test, what: string, words: readonly string[]): Promise<Folder | undefined> {
  const folder = await temporaryFolder();
  const { status } = spawnSync('mount', [...words, folder.path], { stdio: 'ignore' });
  if (status !== 0) {
    t.comment(`not run: this user may not mount (${what})`);
    console.error(`# not run: this user may not mount (${what})`);
    await folder[Symbol.asyncDispose]();
    return undefined;
  }
  return {
    ...folder,
    async [Symbol.asyncDispose]() {
      spawnSync('umount', ['--lazy', folder.path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Takes all the room that is left, to the last byte. */
async function fill(disk: Pick<Folder, 'path'>): Promise<void> {
  for (const size of ['64k', '4k', '1']) {
    spawnSync('sh', ['-c', `dd if=/dev/zero bs=${size} count=4096 >> '${disk.path}/filler'`], { stdio: 'ignore' });
  }
  await sleep(10);
}

async function refusalOf(work: Promise<unknown>): Promise<CallError> {
  return work.then(
    (answer) => Promise.reject(new Error(`This should have been refused: ${JSON.stringify(answer).slice(0, 200)}`)),
    (error: unknown) => error as CallError,
  );
}

await t.test(
  'while no more files can be opened, what needs one is refused by name; afterwards everything goes on',
  async (t) => {
    await using talking = await startTalking();
    const { product } = talking;
    const known = await begin(product);
    await say(product, known, 'Before');
    const limit = (files: number): unknown =>
      spawnSync('prlimit', ['--pid', String(product.pid), `--nofile=${files}:`], { encoding: 'utf8' });
    const open = await readdir(`/proc/${product.pid}/fd`);
    limit(open.length + 4);
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        try {
          const { id } = await product.client.call('bots.create', { name: `Number ${at}` });
          return `made ${id}`;
        } catch (error) {
          return (error as { code: string }).code;
        }
      }),
    );
    limit(4_096);
    const refused = outcomes.filter((outcome) => !outcome.startsWith('made'));
    t.ok(refused.length > 0, outcomes.join());
    // A connection that cannot be taken is one that breaks.
    t.strictSame(
      refused.filter((code) => !['FILES_EXHAUSTED', 'SERVER_UNREACHABLE'].includes(code)),
      [],
    );
    const { answer } = await say(product, known, 'Afterwards');
    t.equal(answer.state, 'finished');
    const { bots } = await product.client.call('bots.list', {});
    t.equal(bots.length, 1 + outcomes.length - refused.length, 'what was refused is not there, what was made is');
    const { problems } = await product.client.call('bots.check', {});
    t.strictSame(problems, [], 'and nothing is left half-done');
  },
);
