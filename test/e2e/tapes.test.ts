import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { homedir, hostname, userInfo } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { readTape, replayTape, type Tape } from '../../core/testing.ts';
import { called, ending, said, start, streamed, thought } from '../support/anthropic-wire.ts';
import * as bedrock from '../support/bedrock-wire.ts';
import { startMockModel } from '../support/mock-model.ts';
import { startService, type Reply } from '../support/model-service.ts';
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

t.setTimeout(240_000);

interface Way {
  readonly type: string;
  readonly model: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A service that thinks where it can, calls time_now and then says that it is noon. */
  readonly open: () => Promise<{ readonly url: string } & AsyncDisposable>;
}

const AWS = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_REGION: 'eu-central-1',
};

/** What a service says first, then, and as a title. */
function inTurn(first: Reply, then: Reply, title: Reply, isResult: RegExp): (asked: { body: string }) => Reply {
  return ({ body }) => (!body.includes('"name":"time_now"') ? title : isResult.test(body) ? then : first);
}

const ways: Readonly<Record<string, Way>> = {
  'Chat Completions': {
    type: 'openai-compatible',
    model: 'mock-model',
    async open() {
      const mock = await startMockModel();
      mock.script({ text: 'Let me see. ', calls: [{ name: 'time_now', arguments: '{}' }] }, 'It is noon, Zoë. 🕛');
      return mock;
    },
  },
  Messages: {
    type: 'anthropic',
    model: 'claude-sonnet-5-5',
    env: { ANTHROPIC_API_KEY: 'sk-ant-a-key-of-the-environment' },
    open: () =>
      startService(
        inTurn(
          streamed(
            start({ input_tokens: 10 }),
            ...thought(0, ['A clock ', 'is needed.'], 'c2lnbmVkLWJ5LXRoZS1tb2RlbA=='),
            ...called(1, 'toolu_01A09q90qw90lq917835lq9', 'time_now', {}),
            ...ending('tool_use', { output_tokens: 7 }),
          ),
          streamed(
            start({ input_tokens: 30 }),
            ...said(0, ['It is ', 'noon.']),
            ...ending('end_turn', { output_tokens: 3 }),
          ),
          streamed(start(), ...said(0, ['A title']), ...ending('end_turn')),
          /"tool_result"/,
        ),
      ),
  },
  'binary frames, signed': {
    type: 'bedrock',
    model: 'anthropic.claude-sonnet-5-5',
    env: AWS,
    open: () => {
      const told = { inputTokens: 3, outputTokens: 4, totalTokens: 7 };
      return startService(
        inTurn(
          bedrock.streamed(
            bedrock.start,
            ...bedrock.called(0, 'tooluse_Abc123', 'time_now', {}),
            ...bedrock.ending('tool_use', told),
          ),
          bedrock.streamed(bedrock.start, ...bedrock.said(0, ['It is ', 'noon.']), ...bedrock.ending('end_turn', told)),
          bedrock.streamed(bedrock.start, ...bedrock.said(0, ['A title']), ...bedrock.ending('end_turn')),
          /"toolResult"/,
        ),
      );
    },
  },
};

function filesFor({ type, model }: Pick<Way, 'type' | 'model'>, address: string): Record<string, string> {
  return {
    'settings.yaml': 'plugins: { demo: false }\n',
    'providers.yaml': `providers:\n  far:\n    type: ${type}\n    address: ${address}\n    models: [${model}]\n`,
  };
}

/** What came of the latest conversation: everything but ids and times. */
async function outcomeOf(product: Product): Promise<unknown> {
  const { conversations } = await product.client.call('conversations.list', { bot: 'assistant' });
  const conversation = conversations[0]?.id ?? '';
  const { nodes } = await product.client.call('conversations.show', { conversation });
  return nodes.map(({ kind, state, text, thinking, tool, run }) => ({
    said: { kind, state, text, thinking },
    tool: tool && { name: tool.name, arguments: tool.arguments, isError: tool.isError },
    run: run && { model: run.model, provider: run.provider, usage: run.usage },
  }));
}

async function record(product: Product, place: string, ...more: string[]): Promise<{ tape: Tape; text: string }> {
  const ran = await product.cli(['record', place, '--bot', 'assistant', '--message', 'What time is it?', ...more]);
  if (ran.code !== 0) throw new Error(ran.stderr);
  const text = (await product.files.read(path.relative(product.home, place))) ?? '';
  return { tape: readTape(text), text };
}

for (const [name, way] of Object.entries(ways)) {
  await t.test(
    `LLMP tapes: a conversation with a call of a tool is recorded and plays without its service: ${name}`,
    async (t) => {
      const service = await way.open();
      const env = way.env ?? {};
      await using product = await startProduct({ files: filesFor(way, service.url), env });
      const place = path.join(product.home, 'tape.json');
      const { tape, text } = await record(product, place);
      const expected = await outcomeOf(product);
      await service[Symbol.asyncDispose]();
      t.match(expected, [
        { said: { kind: 'user' } },
        {},
        { tool: { name: 'time_now', isError: false } },
        { said: { text: /^It is noon/ } },
      ]);
      t.equal(tape.exchanges.length, 3, 'the call, the answer, the title');
      for (const secret of Object.values(env).filter((value) => value !== AWS.AWS_REGION)) t.notMatch(text, secret);

      for (const pieces of [undefined, 7, 1]) {
        await using replay = await replayTape(place, pieces === undefined ? {} : { pieces });
        await using other = await startProduct({ files: filesFor(way, replay.address('far')), env });
        await say(other, await begin(other), 'What time is it?', 20_000);
        await until('the title is there', () => replay.left.length === 0 || replay.misses.length > 0);
        t.strictSame(replay.misses, []);
        t.strictSame(
          await outcomeOf(other),
          expected,
          `the same ${pieces === undefined ? 'whole' : `in pieces of ${pieces}`}`,
        );
      }
    },
  );
}

await t.test('LLMP tapes: no key and nothing of a person is on a tape', async (t) => {
  const { username } = userInfo();
  const planted = {
    key: 'zz-provider-key-1234567890',
    vault: 'a-secret-of-the-vault-4711',
    pattern: ['ghp', 'aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5'].join('_'),
    email: 'ada.lovelace@analytical.example.org',
    answered: 'charles@difference.example.com',
    called: 'grace@navy.example.mil',
    home: `${homedir()}/letters`,
    other: ['', 'home', 'babbage', 'engine'].join('/'),
    windows: 'C:\\\\Users\\\\byron\\\\Desktop',
    organisation: 'org-Ab12Cd34Ef56',
    header: 'acme-incorporated-of-london',
    cookie: 'c00kie-of-the-session-0815',
    account: '123456789012',
    ...(hostname().length > 2 && { machine: hostname() }),
    ...(username !== 'root' && { username }),
  };
  const words = Object.entries(planted)
    .filter(([name]) => name !== 'windows' && name !== 'machine')
    .map(([, value]) => value);
  const told = `I am ${words.join(' and ')} at ${planted.windows} on ${hostname()} arn:aws:iam::${planted.account}:role`;
  const letters =
    `Dear ${planted.answered}, your key is ${planted.key}, ${planted.pattern} at ${planted.organisation}.`.split('');
  const chunk = (delta: object, rest = {}): string =>
    `data: ${JSON.stringify({ id: 'x', organization: planted.header, choices: [{ index: 0, delta, ...rest }] })}\n\n`;
  const call = (text: string): object => ({ tool_calls: [{ index: 0, function: { arguments: text } }] });
  await using service = await startService(({ path: asked }) => ({
    headers: {
      'content-type': 'text/event-stream',
      'openai-organization': planted.header,
      'set-cookie': `session=${planted.cookie}; path=/`,
      'x-request-id': `req-${planted.account}`,
    },
    frames: [
      ...letters.map((content) => chunk({ content })),
      chunk({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'nothing_known', arguments: '' } }] }),
      ...JSON.stringify({ to: planted.called, from: asked })
        .split('')
        .map((text) => chunk(call(text))),
      chunk({}, { finish_reason: 'stop' }),
      'data: [DONE]\n\n',
    ],
  }));
  const files = filesFor(
    { type: 'openai-compatible', model: 'm' },
    `${service.url}/accounts/arn:aws:x:y:${planted.account}`,
  );
  files['providers.yaml'] += '    key: FAR_KEY\n';
  await using product = await startProduct({ files, env: { FAR_KEY: planted.key } });
  await product.cli(['secret', 'set', 'DIARY'], { input: planted.vault });
  const place = path.join(product.home, 'tape.json');
  const ran = await product.cli(['record', place, '--bot', 'assistant', '--message', told]);
  const text = (await product.files.read('tape.json')) ?? '';
  t.ok(readTape(text).exchanges.length > 0, ran.stderr);
  for (const [name, value] of Object.entries(planted))
    for (const form of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])
      t.notOk(text.includes(form), name);
  t.notMatch(text, /babbage|byron|127\.0\.0\.1/);
  const spoken = readTape(text).exchanges[0]?.answer?.body;
  const lines = spoken?.kind === 'text' ? spoken.lines : [];
  const given = lines.flatMap((line) => /"arguments":("(?:[^"\\]|\\.)*")/.exec(line)?.[1] ?? '""');
  t.match(given.map((piece) => JSON.parse(piece) as string).join(''), /^\{"to":"\[email\]"/);
  const read = lines.flatMap((line) => /"content":"([^"]*)"/.exec(line)?.[1] ?? []).join('');
  t.match(
    read,
    /^Dear \[email\], your key is \[secret:FAR_KEY\], \[secret\] at \[account\]\.$/,
    'the rest is readable',
  );
});

await t.test('LLMP tapes: a request that is not on the tape is refused with where it differs', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const place = path.join(product.home, 'tape.json');
  await record(product, place);
  await using replay = await replayTape(place);
  await using other = await startProduct({
    files: filesFor({ type: 'openai-compatible', model: 'mock-model' }, replay.address()),
  });
  const { answer } = await say(other, await begin(other), 'What day is it?');
  t.equal(answer.state, 'errored');
  t.match(answer.reason, /not on the tape/);
  t.match(
    replay.misses[0],
    /body\.messages\[1\]\.content: the tape has ".*What time is it\?.*", asked was ".*What day is it\?/,
  );

  const {
    exchanges: [first],
  } = readTape((await product.files.read('tape.json')) ?? '');
  const again = (): Promise<Response> =>
    fetch(`${replay.url}${first?.request.path}`, { method: 'POST', body: JSON.stringify(first?.request.body) });
  t.equal((await again()).status, 200, 'once it is answered');
  const second = await again();
  t.equal(second.status, 400, 'what was asked once is not answered twice');
  await second.text();
  const elsewhere = await fetch(`${replay.url}/v2/other`);
  t.match(((await elsewhere.json()) as { message: string }).message, /GET \/v2\/other: .*POST \/v1\/chat\/completions/);

  const player = run(['replay', place, '--json']);
  const printed = await until('it plays', () => player.heard.stdout.includes('\n') && player.heard.stdout);
  const { mock: address } = JSON.parse(printed) as { mock: string };
  const played = await fetch(`${address}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(first?.request.body),
  });
  t.match(await played.text(), /Mock: What/);
  player.child.kill('SIGINT');
  await once(player.child, 'close');
  t.equal(player.child.exitCode, 0, player.heard.stderr);
  t.match(player.heard.stderr, /1 of 2 exchanges were not asked for/);
});

await t.test('LLMP tapes: a file that is no tape is named, with what is wrong', async (t) => {
  await using folder = await temporaryFolder({
    'text.json': 'It was a dark night',
    'old.json': '{"version":0}',
    'odd.json': '{"version":1,"made":"","providers":{},"exchanges":[{"provider":"x"}]}',
  });
  const wrong = { 'text.json': /is no JSON/, 'old.json': /version 0/, 'odd.json': /exchanges\.0\.request/ };
  for (const [file, what] of Object.entries(wrong)) {
    const { code, stderr } = await bnity(['replay', path.join(folder.path, file)]);
    t.equal(code, 5);
    t.match(stderr, what);
    t.match(stderr, new RegExp(file.replace('.', '\\.')));
  }
  t.equal((await bnity(['replay', path.join(folder.path, 'none.json')])).code, 3);
  await using product = await startProduct();
  await product.files.write('kept.json', 'mine');
  const place = path.join(product.home, 'kept.json');
  const refused = await product.cli(['record', place, '--bot', 'assistant', '--message', 'hi']);
  t.match(refused.stderr, /FILE_EXISTS/);
  t.equal(await product.files.read('kept.json'), 'mine');
  const empty = await product.cli([
    'record',
    path.join(product.home, 'demo.json'),
    '--bot',
    'assistant',
    '--message',
    'hi',
  ]);
  t.match(empty.stderr, /TAPE_EMPTY/, 'the demo speaks with no service');
  t.equal(await product.files.read('demo.json'), undefined);
});

await t.test('LLMP tapes: what came before a kill and before Ctrl+C is a whole tape', async (t) => {
  await using talking = await startTalking({ files: { 'settings.yaml': 'plugins:\n  memory: false\n' } });
  const { product, mock } = talking;
  for (const [signal, file] of [
    ['SIGKILL', 'killed.json'],
    ['SIGINT', 'ended.json'],
  ] as const) {
    const place = path.join(product.home, file);
    const recorder = run(['record', place, '--bot', 'assistant', '--home', product.home]);
    await until('it records', () => recorder.heard.stderr.includes('Recording'));
    await say(product, await begin(product), 'One');
    await until('the tape holds it', async () => (await product.files.read(file)) !== undefined);
    mock.script({ text: 'Never', hangMs: 60_000 });
    const conversation = await begin(product);
    using live = product.client.conversation(conversation);
    await live.send('Two');
    await until('the second is asked', () => talking.bodies().at(-1)?.messages.at(-1)?.content?.includes('Two'));
    recorder.child.kill(signal);
    await once(recorder.child, 'close');
    await live.stop();
    const tape = readTape((await product.files.read(file)) ?? '');
    t.match(JSON.stringify(tape.exchanges[0]?.request.body), /One/);
    t.notMatch(JSON.stringify(tape), /Two/, 'what has no end yet is not on it');
    if (signal === 'SIGINT') t.equal(recorder.child.exitCode, 0, recorder.heard.stderr);
    await using replay = await replayTape(tape);
    t.ok(replay.left.length > 0, 'it plays');
  }
  const { answer } = await say(product, await begin(product), 'Still there?');
  t.equal(answer.state, 'finished', 'the server goes on');
  mock.script({ text: 'A long story goes on', dropAfter: 3 });
  await product.cli(['record', path.join(product.home, 'cut.json'), '--bot', 'assistant', '--message', 'Tell']);
  await checkCut(t, product);
});

/** A connection that broke off breaks off again. */
async function checkCut(t: Test, product: Product): Promise<void> {
  const tape = readTape((await product.files.read('cut.json')) ?? '');
  t.equal(tape.exchanges[0]?.answer?.isCut, true);
  await using replay = await replayTape(tape);
  const { path: asked, body } = tape.exchanges[0]?.request ?? {};
  const response = await fetch(`${replay.url}${asked}`, { method: 'POST', body: JSON.stringify(body) });
  await t.rejects(response.text());
}

interface Running {
  readonly child: ChildProcess;
  readonly heard: { stdout: string; stderr: string };
}

/** A command that goes on until it is told to end. */
function run(args: readonly string[]): Running {
  const child = spawn(process.execPath, [launcher, ...args], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  const heard = { stdout: '', stderr: '' };
  child.stdout?.on('data', (text: Buffer) => (heard.stdout += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (heard.stderr += text.toString()));
  return { child, heard };
}
