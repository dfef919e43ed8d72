import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { frame } from '../support/chat-frames.ts';
import { inParallel } from '../support/doors.ts';
import { startService } from '../support/model-service.ts';
import { bnity, environment, launcher, temporaryFolder, until, type Folder } from '../support/product.ts';

t.setTimeout(300_000);

const KEY = 'sk-peer-0123456789abcdef';

/** Starts `bnity bench` for somebody whose folders are in this one. */
function start(folder: Folder, args: readonly string[]): ChildProcess {
  const own = {
    BOTERNITY_HOME: path.join(folder.path, 'home'),
    TMPDIR: path.join(folder.path, 'tmp'),
  };
  return spawn(process.execPath, [launcher, 'bench', ...args], {
    cwd: folder.path,
    env: environment({ ...own, PEER_KEY: KEY, WRONG_KEY: 'sk-wrong-0123456789abcdef' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  if (!child.stdout || !child.stderr) throw new Error('It has no output.');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** A folder of a user with a home that holds one file. */
function userFolder(): Promise<Folder> {
  return temporaryFolder({ 'home/settings.yaml': 'port: 1\n', 'tmp/.keep': '' });
}

/** Nothing is left behind, and nothing was touched. */
async function filesIn(folder: Folder): Promise<string[]> {
  return (await readdir(folder.path, { recursive: true })).toSorted();
}
const untouched = ['home', 'home/settings.yaml', 'tmp', 'tmp/.keep'];

interface Found {
  readonly isQuick: boolean;
  readonly machine: { readonly node: string; readonly processors: number };
  readonly notes: readonly string[];
  readonly figures?: readonly { id: string; name: string; value: number; unit: string }[];
  readonly against?: {
    readonly address: string;
    readonly model: string;
    readonly figures: readonly { id: string; unit: string; ours: number; theirs: number; ratio: number }[];
  };
}

void t.test('bnity bench measures what a user waits for, and leaves nothing behind', async (t) => {
  await using folder = await userFolder();
  const { code, stdout, stderr } = await ended(start(folder, ['--quick', '--json']));
  t.equal(code, 0, stderr);
  const found = JSON.parse(stdout) as Found;
  t.match(found, { isQuick: true, machine: { node: process.version, processors: Number } });
  t.match(found.notes.join(' '), /quick form/);
  const { figures = [] } = found;
  for (const figure of figures) t.ok(figure.value > 0, `${figure.name}: ${figure.value} ${figure.unit}`);
  t.strictSame(
    figures.map(({ id }) => id),
    [
      'start.ready',
      'start.first_answer',
      'memory.rest',
      ...['model', 'v1', 'page'].flatMap((who) => [
        `${who}.first_token.p50`,
        `${who}.first_token.p95`,
        `${who}.whole.p50`,
      ]),
      'v1.turns_per_second',
      'page.turns_per_second',
      'memory.after_turns',
      'push.live.p50',
      'edit.live.p50',
      'edit.live.p95',
      'recall.first',
      'recall.p50',
      'recall.p95',
    ],
  );
  t.match(stderr, /^bench: starts of the server$/m, 'it tells what it does meanwhile');
  t.strictSame(await filesIn(folder), untouched);
});

void t.test('--against asks another service and our own door in one run, and shows no key', async (t) => {
  const chunk = frame({ choices: [{ index: 0, delta: { content: 'Hello.' }, finish_reason: 'stop' }] });
  const models = ['small', 'large'].map((id) => ({ id, object: 'model' }));
  await using peer = await startService((asked) => {
    const { authorization } = asked.headers;
    if (authorization !== `Bearer ${KEY}`)
      return { status: 401, json: { error: { message: `No: ${authorization ?? ''}` } } };
    if (asked.path === '/v1/models') return { json: { object: 'list', data: models } };
    return { frames: [chunk, 'data: [DONE]\n\n'] };
  });
  await using folder = await userFolder();
  const against = ['--against', `${peer.url}/v1/`];

  const wrong = await ended(start(folder, [...against, '--quick', '--key', 'WRONG_KEY']));
  t.equal(wrong.code, 1);
  t.match(wrong.stderr, /did not list its models: .* answered 401.*\[PROVIDER_UNREACHABLE\]/);
  t.notMatch(wrong.stderr, /sk-wrong/, 'what a service repeats of the key is not shown');
  const several = await ended(start(folder, [...against, '--quick', '--key', 'PEER_KEY']));
  t.equal(several.code, 2);
  t.match(several.stderr, /It has 2 models: small, large\..*\n.*--model/);

  const more = ['--quick', '--key', 'PEER_KEY', '--model', 'small'];
  const { code, stdout, stderr } = await ended(start(folder, [...against, ...more, '--json']));
  t.equal(code, 0, stderr);
  const { against: found } = JSON.parse(stdout) as Found;
  t.match(found, { address: `${peer.url}/v1`, model: 'small' });
  for (const { id, ours, theirs, ratio } of found?.figures ?? []) {
    t.ok(ours > 0 && theirs > 0, id);
    t.ok(Math.abs(ratio - ours / theirs) <= 0.02 + ratio * 0.02, `${id}: ${ratio} is ${ours} / ${theirs}`);
  }
  t.strictSame(
    found?.figures.map(({ id }) => id),
    [
      ...['one', 'many'].flatMap((series) => [
        `${series}.first_token.p50`,
        `${series}.first_token.p95`,
        `${series}.whole.p50`,
      ]),
      'many.turns_per_second',
    ],
  );
  const chats = peer.asked.filter((asked) => asked.path === '/v1/chat/completions');
  t.match(stderr, new RegExp(`gets ${chats.length} questions`), 'it said beforehand how many it would ask');
  t.match(chats[0]?.json, { model: 'small', stream: true });
  t.notMatch(stdout + stderr, KEY);
  t.strictSame(await filesIn(folder), untouched);
});

void t.test('what makes no sense is refused with a sentence before anything starts', async (t) => {
  const refused: [readonly string[], RegExp][] = [
    [['--turns', '0'], /--turns takes a whole number from 1/],
    [['--at-once', '2.5'], /--at-once takes a whole number from 1/],
    [['--against', 'localhost:11434'], /begins with http/],
    [['--against', 'http://ada:secret@127.0.0.1/v1'], /without a name, password/],
    [['--against', 'http://127.0.0.1:1', '--key', KEY], /name of an environment variable, never the key itself/],
    [['--against', 'http://127.0.0.1:1', '--key', 'NOT_THERE'], /NOT_THERE is not set/],
    [['--model', 'small'], /--model belongs to --against/],
    [['much'], /too many arguments|unknown/],
  ];
  await inParallel(refused, 2, async ([args, sentence]) => {
    const { code, stdout, stderr } = await bnity(['bench', ...args]);
    t.equal(code, 2, args.join(' '));
    t.match(stderr, sentence);
    t.notMatch(stdout + stderr, /sk-peer|secret@/);
  });
  const gone = await bnity(['bench', '--against', 'http://127.0.0.1:1/v1', '--json']);
  t.equal(gone.code, 1);
  t.match(JSON.parse(gone.stderr), { errors: [{ code: 'PROVIDER_UNREACHABLE' }] });
});

void t.test('Ctrl+C ends its processes and removes its folder', async (t) => {
  await using folder = await userFolder();
  const child = start(folder, ['--quick']);
  const over = ended(child);
  const pid = await until('a server of its own runs', () => serverIn(path.join(folder.path, 'tmp')), 60_000);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await over;
  t.equal(code, 130, stderr);
  t.match(stderr, /INTERRUPTED/);
  t.equal(stdout, '');
  await until('its server is gone', () => !isAlive(pid));
  t.strictSame(await filesIn(folder), untouched);
});

/** The process of the server that runs on a home somewhere below a folder. */
async function serverIn(folder: string): Promise<number | undefined> {
  const scratch = (await readdir(folder)).find((name) => name.startsWith('boternity-bench-')) ?? '';
  const file = path.join(folder, scratch, 'home/.boternity/server.json');
  const owner = await readFile(file, 'utf8').catch(() => '{}');
  return (JSON.parse(owner || '{}') as { pid?: number }).pid;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
