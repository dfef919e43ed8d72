import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Message, Model } from 'boternity';
import { providerContract, RETRY_AFTER_SECONDS } from '../../core/testing.ts';
import type { ProviderStage, StageOptions } from '../../core/testing.ts';
import { subscriptionModel } from '../../plugins/claude-cli/model.ts';
import { Programs } from '../../plugins/claude-cli/program.ts';
import { protocols as openAi } from '../../plugins/openai/protocols.ts';
import { accessTo } from '../support/access.ts';
import { chatFrames, frame } from '../support/chat-frames.ts';
import { ask, assistant, hear, toolResult, user } from '../support/hear.ts';
import { startMockModel } from '../support/mock-model.ts';
import { openAiRefusals, stageOver } from '../support/model-service.ts';
import { startProduct, temporaryFolder, until, type Folder } from '../support/product.ts';

const programFolder = path.resolve(import.meta.dirname, '../fixtures/programs');
const program = path.join(programFolder, 'claude');
using programs = new Programs();

/** How the program was called. */
interface Called {
  readonly args: readonly string[];
  readonly input: string;
  readonly pid: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly system: string;
}

/** The program writes down in its home how it was called. */
async function withHome(): Promise<Folder & { called(): Promise<Called[]> }> {
  const home = await temporaryFolder();
  const before = process.env.HOME;
  process.env.HOME = home.path;
  return {
    ...home,
    called: async () => readCalls(await home.read('called.jsonl')),
    async [Symbol.asyncDispose]() {
      process.env.HOME = before;
      await home[Symbol.asyncDispose]();
    },
  };
}

function readCalls(lines = ''): Called[] {
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Called);
}

function modelOf(id: string, command = program): Model {
  const access = accessTo('', { name: 'claude-cli', options: { command } });
  return subscriptionModel(access, { id }, { programs, openAi });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A program takes time to start, which is no silence of the service behind it. */
const START_MS = 1500;

/** The program plays the answers, and keeps what it is given. */
async function onStage({ answers, patienceMs }: StageOptions): Promise<ProviderStage> {
  const folder = await temporaryFolder();
  const command = path.join(folder.path, 'claude');
  copyFileSync(path.join(programFolder, 'claude-on-stage'), command);
  const retryMs = RETRY_AFTER_SECONDS * 1000;
  writeFileSync(path.join(folder.path, 'answers.json'), JSON.stringify(answers.map((each) => ({ ...each, retryMs }))));
  const asked = path.join(folder.path, 'asked.jsonl');
  const limits = { firstMs: START_MS + patienceMs, idleMs: patienceMs };
  const access = accessTo('', { name: 'claude-cli', options: { command }, ...limits });
  return {
    model: subscriptionModel(access, { id: 'sonnet' }, { programs, openAi }),
    requests: () =>
      readFileSync(asked, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as string),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

await t.test('LLMP-07: the road of the program keeps the contract', (t) =>
  // The program runs its own tools and takes none of others; it has no setting for stop sequences, and of the limits none for the temperature.
  providerContract(t, { stage: onStage, lacks: ['tools', 'stop', 'limits'] }),
);

await t.test('LLMP-07: the road of a local proxy keeps the contract', (t) =>
  providerContract(t, {
    stage: stageOver({
      path: '/v1/chat/completions',
      modelAt: (url, patience) => {
        const access = accessTo('', { name: 'claude-cli', options: { proxy: `${url}/v1` }, ...patience });
        return subscriptionModel(access, { id: 'sonnet' }, { programs, openAi });
      },
      frames: chatFrames(),
      error: frame({ error: { message: 'The engine is overloaded', type: 'server_error' } }),
      refusals: openAiRefusals,
    }),
    // A result of a tool is text alone in Chat Completions.
    lacks: ['toolImages'],
  }),
);

await t.test(
  'LLMP-07: the program streams its answer; its tools are off, and none of our secrets reach it',
  async (t) => {
    await using home = await withHome();
    process.env.ANTHROPIC_API_KEY = 'sk-ant-of-the-server';
    t.teardown(() => delete process.env.ANTHROPIC_API_KEY);
    const call = { id: 'c', name: 'time_now', arguments: '{}' };
    const image: Message = {
      role: 'user',
      content: [
        { type: 'text', text: 'And now?' },
        { type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' },
      ],
    };
    const history = [user('Time? </user>'), assistant('', [call]), toolResult(call, 'noon'), assistant('Noon.'), image];
    const heard = await hear(
      modelOf('sonnet'),
      ask(history, { system: 'You are Ada.', tail: 'It is 12:01.', maxTokens: 77 }),
    );
    t.equal(heard.text, 'It is nöon 🦉.');
    t.equal(heard.thinking, 'Hm.');
    t.equal(heard.end.stop, 'end');
    t.same(heard.usage, { input: 124, output: 9, cacheRead: 100, cacheWrite: 20 });
    t.ok(heard.parts.filter((part) => part.type === 'text').length > 1, 'in pieces, each once');
    const [called] = await home.called();
    t.equal(called?.args[(called?.args.indexOf('--tools') ?? 0) + 1], '');
    for (const flag of ['-p', '--strict-mcp-config', '--no-session-persistence', '--disable-slash-commands'])
      t.ok(called?.args.includes(flag), flag);
    t.notMatch(
      called?.args.join(' '),
      /Ada|noon/,
      'what is said stands in no argument, which others of the machine can see',
    );
    t.match(called?.system, /^You are Ada\.\n\nThe message of the user holds a conversation/);
    const { message } = JSON.parse(called?.input ?? '') as { message: { content: { text?: string; type: string }[] } };
    t.match(
      message.content[0]?.text,
      /"text":"Time\? <\/user>".*"tool":"time_now","call":"c".*Noon\..*"And now\?","images":\[1\]}\n\nIt is 12:01\.$/s,
    );
    t.match(message.content[1], { type: 'image', source: { media_type: 'image/png', data: 'iVBORw0KGgo=' } });
    t.equal(called?.env.CLAUDE_CODE_MAX_OUTPUT_TOKENS, '77');
    t.notMatch(JSON.stringify(called?.env), /sk-ant-of-the-server|TAP/);
    t.match(called?.cwd, /boternity-claude-/, 'in an empty folder');
    t.equal(modelOf('sonnet').abilities.tools, false);
  },
);

await t.test('an answer that comes whole, and one that reached its limit, are understood', async (t) => {
  await using _home = await withHome();
  t.equal((await hear(modelOf('whole'), ask('Go'))).text, 'All at once.');
  t.equal((await hear(modelOf('long'), ask('Go'))).end.stop, 'length');
});

await t.test('what goes wrong is told with what to do', async (t) => {
  await using _home = await withHome();
  const failureOf = async (id: string, command?: string) => (await hear(modelOf(id, command), ask('Go'))).end.failure;
  const signedOut = await hear(modelOf('signed-out'), ask('Go'));
  t.equal(signedOut.text, '', 'its words on this are no answer');
  t.match(signedOut.end.failure, { kind: 'auth', message: /not signed in.*run claude in a terminal/ });
  t.match(await failureOf('limited'), { kind: 'overload', message: /You have hit your limit/ });
  t.match(await failureOf('sonnet', '/nowhere/claude'), {
    kind: 'auth',
    message: /“\/nowhere\/claude” is not there.*options\.command/,
  });
  const crashed = await hear(modelOf('crash'), ask('Go'));
  t.equal(crashed.text, 'It is', 'what came is kept');
  t.match(crashed.end.failure, { kind: 'server', message: /ended with 3: Segmentation of faults/ });
  t.equal((await failureOf('unheard-of'))?.kind, 'connection', 'an end without a result');
  t.equal((await failureOf('sonnet', '/bin/echo'))?.kind, 'garbage');
});

await t.test('an abort kills the program within 100 ms', async (t) => {
  await using home = await withHome();
  const controller = new AbortController();
  let abortedAt = 0;
  for await (const part of modelOf('hang').stream(ask('Go'), controller.signal)) {
    if (part.type === 'end') t.equal(part.stop, 'aborted');
    if (part.type !== 'text') continue;
    abortedAt = performance.now();
    controller.abort();
  }
  const lateMs = performance.now() - abortedAt;
  t.ok(lateMs < 100, `${lateMs} ms`);
  const [called] = await home.called();
  await until('it is gone', () => !isRunning(called?.pid ?? 0));
  await until('and so is its folder', () => !existsSync(called?.cwd ?? ''));
});

await t.test('LLMP-07: it is off until its owner agrees, and its warning stands wherever it does', async (t) => {
  await using home = await temporaryFolder();
  await using product = await startProduct({ env: { HOME: home.path } });
  const { client } = product;
  const add = (options: object) =>
    client.call('providers.add', { name: 'claude-cli', key: 'SPARE', options: { command: program, ...options } });
  const offered = async () =>
    (await client.call('models.list', {})).models.filter(({ provider }) => provider === 'claude-cli');

  const { kinds } = await client.call('providers.kinds', {});
  t.match(kinds.find(({ type }) => type === 'claude-cli')?.warning, /^Experimental.*your responsibility/);
  await t.rejects(add({}), {
    code: 'INPUT_INVALID',
    details: [{ path: 'options.accept_terms', message: /^write true if you agree: Experimental/ }],
  });
  t.strictSame(await offered(), []);

  const added = await add({ accept_terms: true });
  t.equal(added.problem, null);
  t.match(added.warning, /^Experimental/);
  t.match(await offered(), [{ id: 'sonnet', tools: false }]);
  t.match(
    product.heard.stderr + product.heard.stdout + ((await product.files.read('.boternity/logs/server.log')) ?? ''),
    /Experimental/,
  );
  const { checks } = await client.call('secrets.set', { name: 'SPARE', value: 'spare-key-of-nothing' });
  t.match(checks, [{ provider: 'claude-cli', ok: true }], 'and it answers');
  t.notMatch(await home.read('called.jsonl'), 'spare-key-of-nothing');

  await using mock = await startMockModel();
  await add({ accept_terms: true, proxy: mock.url });
  await client.call('secrets.set', { name: 'SPARE', value: 'spare-key-of-nothing' });
  t.equal(mock.requests().length, 1, 'a proxy is asked instead');
  t.ok(mock.requests()[0]?.headers.authorization, 'with some key, which it wants and does not need');
});

await t.test('the environment may agree for the whole server', async (t) => {
  await using product = await startProduct({ env: { BOTERNITY_ALLOW_CLAUDE_CLI: '1' } });
  const added = await product.client.call('providers.add', { name: 'claude-cli' });
  t.equal(added.problem, null);
});
