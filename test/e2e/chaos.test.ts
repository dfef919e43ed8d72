import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startProduct, temporaryFolder, until, type Product } from '../support/product.ts';
import { startMockModel } from '../support/mock-model.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(600_000);

/** All damages for every file take minutes; usually each file gets one, in turn. `BOTERNITY_SOAK=1` runs
 * them all, `ONLY=settings` those of some files. */
const isWhole = process.env['BOTERNITY_SOAK'] !== undefined;
const DAMAGES_EACH = 1;
const AT_ONCE = 2;

type Damage = (file: string) => Promise<unknown>;

const damages: Readonly<Record<string, Damage>> = {
  'is overwritten with noise': async (file) => {
    const bytes = await readFile(file);
    await writeFile(file, Buffer.concat([Buffer.from([0xff]), randomBytes(40), bytes.subarray(41)]));
  },
  'is cut in half': async (file) => {
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, Math.floor(bytes.length / 2)));
  },
  'is empty': (file) => writeFile(file, ''),
  'is gone': (file) => rm(file),
  'is a folder': async (file) => {
    await rename(file, `${file}.aside`);
    await mkdir(file);
    await rename(`${file}.aside`, path.join(file, 'what-was-here'));
  },
  'is full of NULs': async (file) => writeFile(file, Buffer.alloc((await readFile(file)).length)),
  'is a link to itself': async (file) => {
    await rm(file);
    await symlink(path.basename(file), file);
  },
  'is a pipe': async (file) => {
    await rm(file);
    spawnSync('sh', ['-c', 'mkfifo "$0"', file]);
  },
  'may not be read': async (file) => {
    spawnSync('chmod', ['000', file]);
  },
};

interface Home {
  readonly path: string;
  readonly conversations: Readonly<Record<string, string>>;
  /** Slug and id of every bot. */
  readonly bots: readonly (readonly [string, string])[];
}

/** A home as it is after some use, with the server stopped. */
async function makeHome(model: string): Promise<Home & AsyncDisposable> {
  const folder = await temporaryFolder({ 'boternity.config.ts': 'export default { watch: true };\n' });
  const product = await startProduct({ home: folder.path });
  const { client } = product;
  await client.call('bots.create', { name: 'Ada' });
  await client.call('bots.configure', { bot: 'ada', temperature: 0.5 });
  await client.call('settings.set', { key: 'plugins.time', value: true });
  await client.call('providers.add', { name: 'mock', address: model, models: ['mock-model'] });
  const conversations: Record<string, string> = {};
  for (const bot of ['ada', 'assistant']) {
    const id = await begin(product, bot);
    await say(product, id, `I am kept by ${bot}`);
    conversations[bot] = id;
  }
  await product.cli(['schemas']);
  const bots = idsIn(await client.call('bots.list', {}));
  // Killed, so that what only a running server has is damaged too.
  await product.kill9();
  return { path: folder.path, conversations, bots, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/**
 * What may go unnoticed: files that the server writes anew by itself, and what cannot be told from an edit of a person (history
 * shows that) or from the end of a crash (the log tells that a torn end was cut off).
 */
const needNoWord = [
  /^\.boternity\/(cache|logs|schemas)\//,
  /^\.boternity\/(bots\.copy|server)\.json /,
  /^\w+\.yaml is (gone|empty|cut in half)$/,
  /^boternity\.config\.ts is (gone|empty)$/,
  /^bots\/\w+\/(?!SOUL)[\w.]+ is (gone|empty|cut in half)$/,
  /^bots\/\w+\/SOUL.md is cut in half$/,
  // A text without a schema says what it says, and a file that may be absent is absent.
  /^bots\/\w+\/(prompts|skills)\/.* is (gone|empty|cut in half|a folder)$/,
  // What was read is no more than a convenience.
  /^data\/.*\/read\.json /,
  // Nobody can tell that there was more.
  /^\.boternity\/(usage|traces)\/.* is (gone|empty)$/,
  /^\.boternity\/health\.json is gone$/,
  // Made anew at every start.
  /^\.boternity\/(cli-token|setup\.json) /,
  // Where a bot came from is no more than a note, and a bot without a seal is sealed at its next turn.
  /^\.boternity\/(origins|seals)\/.* is gone$/,
  // What git makes anew, or what is never read because nothing of a bot's own settings counts.
  /^bots\/\w+\/\.git\/(config|index|info\/|logs\/)/,
];

/** Objects of git, what a kill left half-written, and what nobody reads but people. */
const unread = /\.git\/objects\/|\.bnity-tmp$|^\.(env\.example|gitignore)$/;

await t.test('one file of a home is damaged: the server starts, the rest works, the damage is named', async (t) => {
  await using mock = await startMockModel();
  await using home = await makeHome(mock.url);
  const files = (await readdir(home.path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(home.path, path.join(entry.parentPath, entry.name)))
    .filter((file) => !unread.test(file) && file.includes(process.env.ONLY ?? ''))
    .toSorted();
  t.ok(files.length > 0, files.join(' '));

  const names = Object.keys(damages);
  const kinds = new Set<string>();
  const cases = files.flatMap((file, at) => {
    // Of files of one kind, in two bots or beside each other, the first stands for all.
    const kind = file.replace(/\b(ada|assistant|[0-9a-f-]{36}|schemas\/\w+)\b/g, '*');
    const some = Array.from(
      { length: kinds.has(kind) ? 0 : DAMAGES_EACH },
      (_, nth) => names[(at * DAMAGES_EACH + nth) % names.length] ?? '',
    );
    kinds.add(kind);
    return (isWhole ? names : [...new Set(some)]).map((damage) => ({ file, damage }));
  });
  // These tests find the server by this file themselves, and would wait for the other end of the pipe.
  const next = cases.filter(({ file, damage }) => !/server\.json .*pipe/.test(`${file} ${damage}`)).values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const { file, damage } of next) {
        await t.test(`${file} ${damage}`, (t) => survives(t, home, file, damage));
      }
    }),
  );
});

async function survives(t: Test, home: Home, file: string, damage: string): Promise<void> {
  await using folder = await temporaryFolder();
  await cp(home.path, folder.path, { recursive: true });
  await damages[damage]?.(path.join(folder.path, file));
  await using product = await startProduct({ home: folder.path });
  const other = file.includes('/ada/') || file.includes(home.conversations.ada ?? '?') ? 'assistant' : 'ada';
  await restWorks(t, product, home, other);
  await isNamed(product, file, damage);
  if (!isWhole) return;
  await product.kill9();
  await product.start();
  await restWorks(t, product, home, other);
}

async function restWorks(t: Test, product: Product, home: Home, bot: string): Promise<void> {
  const { client } = product;
  t.strictSame(idsIn(await client.call('bots.list', {})), home.bots, 'every bot is listed and is who it was');
  const kept = await client.call('conversations.show', { conversation: home.conversations[bot] ?? '' });
  t.match(kept.nodes[0], { text: `I am kept by ${bot}` }, 'the conversation of the other bot is kept');
  const fresh = await begin(product, bot);
  const { answer } = await say(product, fresh, 'Are you there?');
  t.equal(answer.state, 'finished', 'and one can talk with it');
  const { conversations } = await client.call('conversations.list', {});
  t.ok(conversations.length >= 2, 'conversations are listed');
  await client.call('bots.configure', { bot, temperature: 0.7 });
}

function idsIn({ bots }: { bots: readonly { slug: string; id: string }[] }): (readonly [string, string])[] {
  return bots.map(({ slug, id }) => [slug, id] as const);
}

async function isNamed(product: Product, file: string, damage: string): Promise<void> {
  if (needNoWord.some((pattern) => pattern.test(`${file} ${damage}`))) return;
  // Root may read everything.
  if (damage === 'may not be read' && process.getuid?.() === 0) return;
  const { problems } = await product.client.call('bots.check', {});
  const named = problems.some(
    (problem) => file.endsWith(problem.file) || file.startsWith(`${problem.file}/`) || problem.message.includes(file),
  );
  if (named) return;
  // What is written all the time is opened by its first line, a moment after the turn.
  await until(`${file} is named; the checks say ${JSON.stringify(problems)}`, () =>
    product.heard.stderr.includes(file),
  );
}
