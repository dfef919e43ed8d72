import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { CallError } from '../../core/ui/client.ts';
import {
  bnity,
  environment,
  launcher,
  startProduct,
  temporaryFolder,
  until,
  type Product,
} from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

/** What the server says of an action that must be refused. */
async function refusalOf(work: Promise<unknown>): Promise<CallError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof CallError) return thrown;
  throw new Error(`This should have been refused: ${String(thrown)}`);
}

/** Runs `serve` where it must not start, and gives what it said. */
async function refusedStart(home: string, ...args: string[]): Promise<{ code: number | null; stderr: string }> {
  return bnity(['serve', '--port', '0', '--home', home, ...args]);
}

/** One complaint, then what to do. */
const oneSentence = /^error: [^\n]+ \[[A-Z_]+\]\n(?:[ ]{2}(?!→)[^\n]*\n)*[ ]{2}→ [^\n]+\n$/;

void t.test(
  'a broken file of one bot is told with its place; the bot goes on as it was, and so do the others and the next start',
  async (t) => {
    await using product = await startProduct({ files: { 'bots/other/SOUL.md': '---\nname: Other\n---\nCalm.\n' } });
    const { client } = product;
    await client.call('bots.show', { bot: 'other' });
    await product.files.write('bots/other/SOUL.md', '---\nname: [Other\n---\nCalm.\n');
    await product.files.write('bots/other/bot.yaml', 'status: sleepy\n');
    const { problems } = await until('both problems', async () => {
      const found = await client.call('bots.check', {});
      return found.problems.length === 2 && found;
    });
    t.match(problems.find((problem) => problem.file === 'bots/other/SOUL.md')?.line, 2);
    t.match(
      problems.find((problem) => problem.file === 'bots/other/bot.yaml'),
      { line: 1, level: 'error' },
    );
    t.match(
      (await say(product, await begin(product, 'other'), 'hi')).answer.text,
      /Other/,
      'the last good version answers',
    );

    await product.stop();
    await product.start();
    const { bots } = await product.client.call('bots.list', {});
    t.strictSame(
      bots.map((bot) => bot.slug),
      ['other'],
      'a home that has bots gets no other',
    );
    const error = await refusalOf(product.client.call('conversations.create', { bot: 'other' }));
    t.match(error, { status: 422, code: 'BOT_BROKEN', message: /SOUL\.md:2/, hint: /bnity check other/ });
    const check = await product.cli(['check']);
    t.equal(check.code, 5);
    t.match(check.stdout, 'bots/other/SOUL.md');
  },
);

void t.test('a bot without SOUL.md is told of and does not talk; with it it does', async (t) => {
  await using product = await startProduct({ files: { 'bots/mute/USER.md': 'x\n' } });
  const error = await refusalOf(product.client.call('conversations.create', { bot: 'mute' }));
  t.match(error, { status: 422, code: 'BOT_BROKEN', message: /SOUL\.md is missing/ });
  await product.files.write('bots/mute/SOUL.md', 'Now I have one.\n');
  await until('it talks', async () => begin(product, 'mute').catch(() => false));
});

void t.test(
  'a config that cannot be used is named with its key or line, and stops nothing; neither does settings.yaml',
  async (t) => {
    const broken = {
      "import { defineConfig } from 'boternity';\nexport default defineConfig({ prot: 1 } as never);\n":
        /"prot" is no setting; there are: .*port/,
      "import { defineConfig } from 'boternity';\nexport default defineConfig({\n": /boternity\.config\.ts:\d+: /,
    };
    for (const [text, told] of Object.entries(broken)) {
      await using product = await startProduct({ files: { 'boternity.config.ts': text } });
      const check = await product.cli(['check']);
      t.equal(check.code, 5);
      t.match(check.stdout, told);
      t.match(await product.cliJson(['list']), { bots: [{ slug: 'assistant' }] }, 'the rest works');
    }
    await using product = await startProduct({
      files: { 'settings.yaml': 'prot: 1\n', 'providers.yaml': 'providers: [\n' },
    });
    const { problems } = await product.client.call('bots.check', {});
    t.match(
      problems.find((problem) => problem.file === 'settings.yaml'),
      { line: 1, message: /prot: .*port/ },
    );
    t.match(
      problems.find((problem) => problem.file === 'providers.yaml'),
      { level: 'error' },
    );
  },
);

void t.test(
  'a port in use, a port that is none, an address for others: the start is refused, never moved',
  async (t) => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as AddressInfo;
    t.teardown(() => holder.close());
    await using home = await temporaryFolder();
    const taken = await bnity(['serve', '--home', home.path, '--port', String(port)]);
    t.equal(taken.code, 1);
    t.match(taken.stderr, new RegExp(`Port ${port} .*in use`));
    t.match(taken.stderr, oneSentence);
    const none = await bnity(['serve', '--home', home.path, '--port', 'abc']);
    t.equal(none.code, 2);
    const open = await refusedStart(home.path, '--host', '0.0.0.0');
    t.equal(open.code, 1);
    t.match(open.stderr, 'ADDRESS_REFUSED');
    t.notOk(await home.read('.boternity/server.json'), 'and the home is free again');
  },
);

void t.test('a second server on the same home is refused and names the first; the first goes on', async (t) => {
  await using product = await startProduct();
  const second = await refusedStart(product.home);
  t.equal(second.code, 1);
  t.match(second.stderr, product.url);
  t.match(second.stderr, oneSentence);
  t.equal((await fetch(`${product.url}/readyz`)).status, 200);
});

void t.test('a home that cannot be written is refused with its path', async (t) => {
  await using folder = await temporaryFolder({ file: 'I am a file' });
  const home = path.join(folder.path, 'file', 'home');
  const { code, stderr } = await refusedStart(home);
  t.equal(code, 1);
  t.match(stderr, home);
  t.match(stderr, /HOME_UNWRITABLE/);
  t.match(stderr, oneSentence);
});

void t.test(
  'an unknown bot, an empty message and one of 1 MB: each its sentence, status and exit code, and nothing is stored',
  async (t) => {
    await using product = await startProduct();
    const conversation = await begin(product);
    const unknown = await refusalOf(begin(product, 'nobody'));
    t.match(unknown, { status: 404, code: 'BOT_MISSING', message: /"nobody"/, hint: /bnity list/ });
    const chat = await product.cli(['chat', 'nobody'], { input: 'hi' });
    t.equal(chat.code, 3);
    t.match(chat.stderr, oneSentence);
    for (const text of ['', ' \n\t ']) {
      t.match(await refusalOf(product.client.call('messages.send', { conversation, text })), {
        status: 422,
        code: 'MESSAGE_EMPTY',
      });
    }
    t.equal((await product.cli(['chat', 'assistant'], { input: '\n' })).code, 5);
    const large = await refusalOf(
      product.client.call('messages.send', { conversation, text: 'x'.repeat(1024 * 1024) }),
    );
    t.match(large, { status: 413, code: 'MESSAGE_TOO_LARGE', message: /1024 kB; at most 256 kB/ });
    t.equal((await product.cli(['chat', 'assistant'], { input: 'x'.repeat(1024 * 1024) })).code, 5);
    t.strictSame(
      (await product.client.call('conversations.list', {})).conversations.map(({ id }) => id),
      [conversation],
      'no conversation is begun for a message that was refused',
    );
    t.strictSame((await product.client.call('conversations.show', { conversation })).nodes, []);
    t.equal((await say(product, conversation, 'and now a good one')).answer.state, 'finished');
  },
);

void t.test(
  'a model that hangs, drops, fails or answers garbage: the answer says so, what had come stays, the next message is answered',
  async (t) => {
    await using talking = await startTalking({ timeout: 0.4, idle: 0.4 });
    const { product } = talking;
    const conversation = await begin(product);
    const failures: [string, RegExp, RegExp][] = [
      ['!mock hang=30 -- wait', /sent nothing for 0\.4 s/, /^$/],
      [
        '!mock drop_after=3 -- a message that is long enough to come in several pieces',
        /broke off|lost|closed/i,
        /^Mock: a message/,
      ],
      ['!mock badjson -- garbage', /not|unread|garbage|understand/i, /./],
      ['!mock error=500 -- down', /500/, /^$/],
      ['!mock error=401 -- key', /key|refus/i, /^$/],
      ['!mock error=429 -- slow', /busy|many|limit|429/i, /^$/],
    ];
    for (const [message, reason, text] of failures) {
      const { answer } = await say(product, conversation, message);
      t.equal(answer.state, 'errored', message);
      t.match(answer.reason, reason, message);
      t.equal(answer.run?.state, 'failed');
      t.ok((answer.run?.error?.hint.length ?? 0) > 0, 'and what to do');
      if (message.includes('drop_after')) t.match(answer.text, text, 'what had come stays');
    }
    t.match((await say(product, conversation, 'all good again')).answer.text, /^Mock: all good again/);
    const piped = await product.cli(['chat', 'assistant', '--message', '!mock error=500 -- down']);
    t.equal(piped.code, 1);
    t.match(piped.stderr, /^error: [^\n]+\n[ ]{2}→ [^\n]+\n$/);
  },
);

void t.test(
  'a model that falls silent in the middle, one that is no model, and one that is not there: each is told apart',
  async (t) => {
    const page = createServer((_request, response) => response.end('<html>Welcome to my router</html>'));
    page.listen(0, '127.0.0.1');
    await new Promise((resolve) => page.once('listening', resolve));
    t.teardown(() => page.close());
    const { port } = page.address() as AddressInfo;
    const config = `import { defineConfig } from 'boternity';
import providers from 'boternity/plugins/providers';
export default defineConfig({
  plugins: [
    providers({
      providers: {
        router: { address: 'http://127.0.0.1:${port}/v1', models: ['router'] },
        nowhere: { address: 'http://127.0.0.1:1/v1', models: ['nowhere'] },
      },
    }),
  ],
});
`;
    await using talking = await startTalking({ idle: 0.3, files: { 'boternity.config.ts': config } });
    const { product, mock } = talking;
    const conversation = await begin(product);
    mock.script({ text: 'This much has come, and then nothing more.', hangAfter: 2 });
    const silent = await say(product, conversation, 'hi');
    t.match(silent.answer, {
      state: 'errored',
      text: /^This much/,
      reason: 'mock sent nothing for 0.3 s. Try again, or choose another model.',
    });
    for (const [model, reason] of [
      [
        'router',
        /What answers at 127\.0\.0\.1:\d+ is no model service as router should be\. Check the address of router\./,
      ],
      ['nowhere', /nowhere does not answer at 127\.0\.0\.1:1\. Start it, or check its address\./],
    ] as const) {
      await product.client.call('bots.configure', { bot: 'assistant', model });
      const { answer } = await say(product, conversation, 'hi');
      t.match(answer, { state: 'errored', reason, run: { state: 'failed', provider: model } }, model);
    }
    const { messages } = await product.client.call('conversations.show', { conversation });
    t.equal(messages, 3, 'and no message is lost');
  },
);

void t.test('a model that nobody offers is named, with those there are', async (t) => {
  await using product = await startProduct({ files: { 'settings.yaml': 'model: gpt-99\n' } });
  const { answer } = await say(product, await begin(product), 'hi');
  t.equal(answer.state, 'errored');
  t.match(answer.reason, /gpt-99.*There are: demo/);
});

void t.test(
  'a full disk refuses the write with 507, leaves no part behind, and is forgotten when there is room again',
  async (t) => {
    await using folder = await temporaryFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder.path]);
    if (mounted.status !== 0) {
      t.comment('not run: this user may not mount a small disk');
      return;
    }
    await using _ = { [Symbol.asyncDispose]: async () => void spawnSync('umount', ['-l', folder.path]) };
    await using product = await startProduct({ home: folder.path });
    const conversation = await begin(product);
    const kept = await say(product, conversation, 'while there is room');
    await fill(product);
    const error = await refusalOf(product.client.call('messages.send', { conversation, text: 'x'.repeat(100_000) }));
    t.match(error, { status: 507, code: 'DISK_FULL' });
    t.match(await refusalOf(product.client.call('bots.create', { name: 'Too much' })), { status: 507 });
    t.strictSame(await readdir(path.join(product.home, 'bots')), ['assistant'], 'no half of a bot');
    spawnSync('rm', [path.join(product.home, 'filler')]);
    t.equal((await say(product, conversation, 'room again')).answer.state, 'finished');
    await product.stop();
    await product.start();
    const { nodes } = await product.client.call('conversations.show', { conversation });
    t.strictSame(
      nodes.filter((node) => node.kind === 'user').map((node) => node.text),
      ['while there is room', 'room again'],
    );
    t.equal(nodes[1]?.text, kept.answer.text);
  },
);

/** Takes all the room that is left. */
async function fill(product: Product): Promise<void> {
  spawnSync('dd', ['if=/dev/zero', `of=${path.join(product.home, 'filler')}`, 'bs=4k'], { stdio: 'ignore' });
}

await t.test('who reads its output may leave: the server goes on, and ends when it is told to', async (t) => {
  await using folder = await temporaryFolder();
  const child = spawn(process.execPath, [launcher, 'serve', '--port', '0', '--home', folder.path], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const { url } = await until(
    'the address',
    async () => {
      const text = await folder.read('.boternity/server.json');
      const owner = JSON.parse(text || '{}') as { url?: string };
      return owner.url === undefined ? undefined : { url: owner.url };
    },
    20_000,
  );
  child.stdout.destroy();
  child.stderr.destroy();
  // It has to warn of this one.
  await folder.write('settings.yaml', 'plugins: [');
  await sleep(500);
  t.equal((await fetch(new URL('/healthz', url))).status, 200);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = (await Promise.race([ended, sleep(5_000, ['still running'], { ref: false })])) as [unknown];
  t.equal(code, 0, 'it says goodbye to nobody, and ends');
});
