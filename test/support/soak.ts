import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { randomFrom } from './random.ts';
import { git } from './git-client.ts';
import { startMockModel } from './mock-model.ts';
import { startProduct, until, type Product } from './product.ts';
import { createWriters, type Writer } from './soak-writers.ts';
import { providersFile } from './talk.ts';

export interface SoakOptions {
  readonly rounds: number;
  /** The same seed kills after the same times; the machine makes the rest of chance. */
  readonly seed?: number;
  /** Hears of every round. */
  readonly onRound?: (round: number, counts: SoakCounts) => void;
}

export interface SoakCounts {
  kills: number;
  /** Kills of a server that was just starting. */
  killsInStart: number;
  /** Writes that were answered, by the name of their writer. */
  readonly acknowledged: Record<string, number>;
}

/** A kill comes after so many writes at most, however slow the machine is, and a little later. */
const MOST_WRITES = 70;
const LATER_MS = 30;
/** What one writer writes in a round; then it leaves the machine to the others. */
const MOST_EACH = 8;
/** A round that is so slow, in milliseconds, ends all the same. */
const LONGEST_MS = 30_000;
/** One of so many starts is killed too. */
const START_KILLED = 5;

/**
 * Kills a real server at random moments while everything that writes is writing, starts it again, and looks whether everything that
 * was acknowledged is there, every file can be read, every repository is sound, and nothing unfinished piles up. Throws at the
 * first thing that is wrong.
 */
export async function soak({ rounds, seed = 1, onRound = () => undefined }: SoakOptions): Promise<SoakCounts> {
  const random = randomFrom(seed);
  await using undo = new AsyncDisposableStack();
  const mock = undo.use(await startMockModel());
  const files = { 'providers.yaml': providersFile(mock.url) };
  const product = undo.use(await startProduct({ files }));
  const writers = await createWriters(product, undo);
  const counts: SoakCounts = { kills: 0, killsInStart: 0, acknowledged: {} };
  for (let round = 1; round <= rounds; round += 1) {
    // In the first round everybody gets a turn.
    const wanted = round === 1 ? writers.length * MOST_EACH : Math.floor(random() * MOST_WRITES);
    await writeUntilKilled(product, writers, { wanted, laterMs: Math.floor(random() * LATER_MS) }, counts);
    if (Math.floor(random() * START_KILLED) === 0) await killInStart(product, Math.floor(random() * 500), counts);
    await startPatiently(product);
    try {
      for (const writer of writers) await writer.check(product);
      await everythingCanBeRead(product.home);
    } catch (error) {
      const log = product.heard.stderr.slice(-2_000);
      throw new Error(`Round ${round} of seed ${seed}: ${String(error)}\n${log}`, { cause: error });
    }
    onRound(round, counts);
  }
  await until(
    'all that was unfinished is cleared away',
    async () => (await unfinishedIn(product.home)).length === 0,
    20_000,
  ).catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${(await unfinishedIn(product.home)).join(' ')}`, { cause: error });
  });
  return counts;
}

async function writeUntilKilled(
  product: Product,
  writers: readonly Writer[],
  { wanted, laterMs }: { readonly wanted: number; readonly laterMs: number },
  counts: SoakCounts,
): Promise<void> {
  const state = { isOver: false, written: 0 };
  const enough = Promise.withResolvers<void>();
  if (wanted === 0) enough.resolve();
  const lanes = writers.map(async (writer) => {
    for (let count = 0; count < MOST_EACH && !state.isOver; count += 1) {
      try {
        await writer.write(product);
      } catch (error) {
        if (!state.isOver) enough.reject(error);
        return;
      }
      counts.acknowledged[writer.name] = (counts.acknowledged[writer.name] ?? 0) + 1;
      state.written += 1;
      if (state.written >= wanted) enough.resolve();
    }
  });
  await Promise.race([enough.promise, Promise.all(lanes), sleep(LONGEST_MS, undefined, { ref: false })]);
  await sleep(laterMs);
  state.isOver = true;
  await product.kill9();
  counts.kills += 1;
  await Promise.all(lanes);
}

/** On a machine that is busy with other things a start may take longer than tests wait. */
async function startPatiently(product: Product): Promise<void> {
  for (let again = 0; ; again += 1) {
    try {
      return await product.start();
    } catch (error) {
      if (again === 3 || !String(error).includes('in time')) throw error;
      await product.kill9();
    }
  }
}

async function killInStart(product: Product, ms: number, counts: SoakCounts): Promise<void> {
  const starting = product.start().catch(() => undefined);
  await sleep(ms);
  await product.kill9();
  await starting;
  counts.kills += 1;
  counts.killsInStart += 1;
}

/** Every file of the home is whole in its format, and every repository is sound. */
async function everythingCanBeRead(home: string): Promise<void> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const place = path.join(entry.parentPath, entry.name);
    if (entry.name === '.git' && entry.isDirectory()) await isSound(path.dirname(place));
    if (!entry.isFile() || !/\.(jsonl?|yaml|md|ts)$/.test(place) || /\/\.git\/|\/staging\//.test(place)) continue;
    await parses(place).catch((error: unknown) => {
      throw new Error(`${place} cannot be read: ${String(error)}`);
    });
  }
}

async function parses(file: string): Promise<void> {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(
    await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.from('{}\n');
      throw error;
    }),
  );
  if (text.includes('\0')) throw new Error('it holds NUL bytes');
  if (file.endsWith('.json')) JSON.parse(text);
  if (file.endsWith('.yaml')) parse(text);
  if (!file.endsWith('.jsonl')) return;
  // A line that is being written just now is no damage.
  for (const line of text.split('\n').slice(0, -1)) JSON.parse(line);
}

async function isSound(folder: string): Promise<void> {
  const { code, stderr, stdout } = await git(folder, ['fsck', '--strict', '--no-dangling']);
  if (code !== 0) throw new Error(`git fsck of ${folder}: ${stderr}${stdout}`);
}

/** Names of what was begun and not finished. */
async function unfinishedIn(home: string): Promise<string[]> {
  const names = await readdir(home, { recursive: true });
  return names.filter(
    (name) => /bnity-tmp|staging\/.|server\.json\.|\/incoming\/[^/]+$/.test(name) && !name.includes('/.git/'),
  );
}
