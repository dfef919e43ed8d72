import t, { type Test } from 'tap';
import { Fault } from '../../../core/base/fault.ts';
import { BotIds } from '../../../core/bots/bot-ids.ts';
import { readSettings, writeSetting } from '../../../core/boot/settings.ts';
import { createDiskFiles } from '../../../core/files/disk.ts';
import { editFile } from '../../../core/files/edit-file.ts';
import { filesContract } from '../../../core/files/files-contract.ts';
import { openJournal } from '../../../core/files/journal.ts';
import type { SystemCalls } from '../../../core/files/system-calls.ts';
import { Crash, CrashDisk, type Drop, type Trouble } from '../../support/crash-disk.ts';
import { randomFrom } from '../../support/random.ts';

t.setTimeout(300_000);

/** Ways in which what was not synced is lost. More of them on demand: `SEEDS=200 node test/core/files/crash.test.ts`. */
const seeds = Array.from({ length: Number(process.env.SEEDS ?? 8) }, (_, at) => at + 1);
const drops: readonly Drop[] = ['forgets all', 'keeps all', ...seeds];
const errors = ['ENOSPC', 'EIO', 'EMFILE', 'EROFS', 'EDQUOT', 'EACCES', 'ENFILE'];
const home = '/home';

/** Something that writes, and what must be true of the disk after a crash. `T` is what was noted on the way. */
interface Work<T> {
  readonly name: string;
  /** The disk before; all of it durable. */
  readonly prepare?: (calls: SystemCalls) => Promise<unknown>;
  readonly noted: () => T;
  /** Notes what it tries and what was acknowledged. Goes on after a fault; ends with the machine. */
  readonly run: (calls: SystemCalls, noted: T) => Promise<unknown>;
  /** Opens everything again as the next start does, and throws when something that was acknowledged is lost or torn. */
  readonly check: (calls: SystemCalls, noted: T) => Promise<void>;
}

interface Writes {
  /** Per file, what was tried in order; undefined stands for a removal. */
  readonly tried: Map<string, (string | undefined)[]>;
  /** Per file, how many of those were answered, counted to the last that was. */
  readonly acked: Map<string, number>;
}

async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Crash || (Fault.is(error) && error.cause instanceof Crash)) throw error;
    if (!Fault.is(error) || error.code === 'INTERNAL') throw new Error('no fault', { cause: error });
    return undefined;
  }
}

function textOf(name: string, version: number): string {
  return `${name} ${version} `.repeat(120 + version * 40);
}

async function change(
  calls: SystemCalls,
  { tried, acked }: Writes,
  file: string,
  text: string | undefined,
): Promise<void> {
  const versions = tried.get(file) ?? [undefined];
  tried.set(file, versions);
  const at = versions.push(text);
  const files = createDiskFiles(home, calls);
  const work = text === undefined ? files.remove(file) : files.write(file, text);
  await attempt(work.then(() => acked.set(file, at)));
}

async function checkWrites(calls: SystemCalls, { tried, acked }: Writes): Promise<void> {
  const files = createDiskFiles(home, calls);
  for (const [file, versions] of tried) {
    const found = (await files.read(file))?.toString();
    const allowed = versions.slice(Math.max(0, (acked.get(file) ?? 1) - 1));
    if (!allowed.includes(found)) {
      throw new Error(`${file} holds ${found?.slice(0, 20)} (${found?.length}), ${acked.get(file)} were answered`);
    }
    await files.write(file, 'after the crash');
    if ((await files.read(file))?.toString() !== 'after the crash') throw new Error(`${file} cannot be written again`);
  }
}

const writes: Work<Writes> = {
  name: 'whole files, side by side in new folders',
  noted: () => ({ tried: new Map(), acked: new Map() }),
  run: (calls, noted) =>
    Promise.all(
      ['a/b/x', 'a/b/y', 'w'].map(async (file) => {
        for (let version = 1; version <= 2; version += 1) await change(calls, noted, file, textOf(file, version));
      }),
    ),
  check: checkWrites,
};

const removals: Work<Writes> = {
  name: 'removal of files and folders, and new ones in their place',
  async prepare(calls) {
    const files = createDiskFiles(home, calls);
    for (const file of ['a/x', 'a/deep/y', 'single']) await files.write(file, 'before');
  },
  noted: () => ({
    tried: new Map(['a/x', 'a/deep/y', 'single'].map((file) => [file, ['before']])),
    acked: new Map(),
  }),
  async run(calls, noted) {
    const files = createDiskFiles(home, calls);
    await change(calls, noted, 'single', undefined);
    await change(calls, noted, 'single', textOf('single', 1));
    for (const file of ['a/x', 'a/deep/y']) noted.tried.get(file)?.push(undefined);
    await attempt(
      files.remove('a').then(() => {
        for (const file of ['a/x', 'a/deep/y']) noted.acked.set(file, 2);
      }),
    );
    await change(calls, noted, 'a/x', textOf('a/x', 1));
  },
  async check(calls, noted) {
    const files = createDiskFiles(home, calls);
    const [x, y] = [await files.read('a/x'), await files.read('a/deep/y')];
    if (x?.toString() === 'before' && y === undefined) throw new Error('half of a removed folder is left');
    await checkWrites(calls, noted);
  },
};

interface Lines {
  /** Lines are numbered in the order of their calls. */
  tried: number;
  readonly acked: Set<number>;
}

const journalFile = `${home}/data/x/journal.jsonl`;

function lineOf(at: number): { readonly at: number; readonly text: string } {
  return { at, text: `line ${at} `.repeat((at * 37) % 90) };
}

async function appendBursts(calls: SystemCalls, noted: Lines, bursts: readonly number[]): Promise<void> {
  const { journal, values } = await openJournal(journalFile, calls);
  checkLines(values, noted);
  for (const burst of bursts) {
    const numbers = Array.from({ length: burst }, (_, at) => noted.tried + at);
    noted.tried += burst;
    await Promise.all(numbers.map((at) => attempt(journal.append(lineOf(at)).then(() => noted.acked.add(at)))));
  }
  await journal[Symbol.asyncDispose]();
}

/** Every line that was answered is there, in order and whole; of the others some may be. */
function checkLines(values: readonly unknown[], { tried, acked }: Lines): void {
  const found = (values as { at: number }[]).map(({ at }) => at);
  if (found.some((at, index) => at <= (found[index - 1] ?? -1) || at >= tried))
    throw new Error(`order: ${found.join()}`);
  const lost = [...acked].filter((at) => !found.includes(at));
  if (lost.length > 0) throw new Error(`lost: ${lost.join()} of ${tried}`);
  for (const value of values) {
    const { at } = value as { at: number };
    if (JSON.stringify(value) !== JSON.stringify(lineOf(at))) throw new Error(`line ${at} is not what was written`);
  }
}

const journal: Work<Lines> = {
  name: 'a journal, with lines that are written together',
  noted: () => ({ tried: 0, acked: new Set() }),
  run: (calls, noted) => appendBursts(calls, noted, [1, 4, 1, 7, 2]),
  async check(calls, noted) {
    const { journal, values } = await openJournal(journalFile, calls);
    await journal[Symbol.asyncDispose]();
    checkLines(values, noted);
  },
};

interface Count {
  tried: number;
  acked: number;
}

const edits: Work<Count> = {
  name: 'edits of one file that follow each other',
  noted: () => ({ tried: 0, acked: 0 }),
  async run(calls, noted) {
    const files = createDiskFiles(home, calls);
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        noted.tried += 1;
        const done = editFile(files, 'deep/counter', (text) => String(Number(text) + 1));
        await attempt(done.then((text) => (noted.acked = Math.max(noted.acked, Number(text)))));
      }),
    );
  },
  async check(calls, noted) {
    const count = Number((await createDiskFiles(home, calls).read('deep/counter'))?.toString() ?? 0);
    if (count < noted.acked || count > noted.tried) throw new Error(`${count} of ${noted.acked} to ${noted.tried}`);
  },
};

function loadIds(calls: SystemCalls, tellProblem: (problem: { message: string }) => void = () => undefined) {
  return BotIds.load({ path: home, files: createDiskFiles(home, calls), tellProblem });
}

const botIds: Work<Map<string, string>> = {
  name: 'the ids of bots',
  noted: () => new Map(),
  async run(calls, noted) {
    const ids = await loadIds(calls);
    await Promise.all(
      ['ada', 'bob', 'cleo', 'dora'].map(async (slug) => {
        const id = ids.of(slug);
        await attempt(ids.save().then(() => noted.set(slug, id)));
      }),
    );
    const last = ids.of('last');
    await attempt(ids.save().then(() => noted.set('last', last)));
  },
  async check(calls, noted) {
    const ids = await loadIds(calls, ({ message }) => {
      throw new Error(message);
    });
    for (const [slug, id] of noted) if (ids.of(slug) !== id) throw new Error(`${slug} has another id`);
  },
};

const settings: Work<Count> = {
  name: 'settings',
  prepare: (calls) => createDiskFiles(home, calls).write('settings.yaml', '# mine\nmodel: m0\n'),
  noted: () => ({ tried: 0, acked: 0 }),
  async run(calls, noted) {
    for (let at = 1; at <= 4; at += 1) {
      noted.tried = at;
      await attempt(writeSetting(createDiskFiles(home, calls), {}, 'model', `m${at}`).then(() => (noted.acked = at)));
    }
  },
  async check(calls, noted) {
    const { values, problems } = await readSettings(createDiskFiles(home, calls));
    const at = Number(values.model?.slice(1));
    if (problems.length > 0 || !(at >= noted.acked && at <= noted.tried)) throw new Error(`model is ${values.model}`);
  },
};

const works = [writes, removals, journal, edits, botIds, settings] as readonly Work<unknown>[];

await t.test('the disk of these tests keeps the contract of a store', (t) =>
  filesContract(t, () => createDiskFiles(home, new CrashDisk())),
);

for (const work of works) {
  await t.test(
    `INFR-07: ${work.name}: a crash at any call loses nothing that was acknowledged and tears nothing`,
    (t) => crashEverywhere(t, work),
  );
  await t.test(
    `INFR-07: ${work.name}: a call that fails, any one and with any error, is a fault and loses nothing`,
    (t) => failEverywhere(t, work),
  );
}

await t.test('INFR-07: a crash while the journal of an earlier crash is taken up loses nothing either', async (t) => {
  let states = 0;
  for (const seed of seeds.slice(0, 4)) {
    for (let stopAt = 1; ; stopAt += 1) {
      const first = new CrashDisk({ stopAt, seed });
      const noted = journal.noted();
      const isOver = await ends(appendBursts(first, noted, [1, 5, 3]));
      for (let again = 1; again < 60; again += 3) {
        const second = first.afterCrash(seed + stopAt, { stopAt: again, seed });
        const later = { tried: noted.tried, acked: new Set(noted.acked) };
        const isDone = await ends(appendBursts(second, later, [2, 1]));
        for (const drop of ['forgets all', 'keeps all', seed * 7 + again] as const) {
          states += 1;
          await journal.check(second.afterCrash(drop), later).catch((error: unknown) => {
            t.fail(`stop at ${stopAt}, again at ${again}, ${drop}, seed ${seed}: ${String(error)}`);
          });
        }
        if (isDone) break;
      }
      if (isOver) break;
    }
  }
  t.ok(states > 1_000, `${states} states were looked at`);
});

await t.test(
  'INFR-07: after a failed sync a journal believes nothing but what it writes anew, also when the process ends between',
  async (t) => {
    let states = 0;
    for (const seed of seeds) {
      for (let nth = 1; nth <= 8; nth += 1) {
        let syncs = 0;
        const at = (_call: number, name: string): boolean => name === 'datasync' && (syncs += 1) === nth;
        const disk = new CrashDisk({ seed, spoils: true, fail: { code: 'EIO', at } });
        const noted = journal.noted();
        await appendBursts(disk, noted, [1, 3, 1, 2, 1]);
        t.ok(noted.acked.size > 0);
        for (const drop of drops) {
          states += 1;
          await journal.check(disk.afterCrash(drop), noted);
        }
        const killed = disk.afterKill({ seed });
        await appendBursts(killed, noted, [1]);
        for (const drop of drops) await journal.check(killed.afterCrash(drop), noted);
      }
    }
    t.ok(states > 100, `${states} states were looked at`);
  },
);

async function crashEverywhere(t: Test, work: Work<unknown>): Promise<void> {
  let states = 0;
  for (const seed of seeds.slice(0, 2)) {
    for (let stopAt = 1; ; stopAt += 1) {
      const { disk, noted, isOver } = await runOn(work, { stopAt, seed });
      for (const drop of drops) {
        states += 1;
        try {
          await work.check(disk.afterCrash(drop, { seed }), noted);
        } catch (error) {
          t.fail(`stop at call ${stopAt}, ${drop}, seed ${seed}: ${String(error)}`, { last: disk.trace.slice(-12) });
          return;
        }
      }
      if (isOver) break;
    }
  }
  t.ok(states > 100, `${states} states were looked at`);
}

/** One failing call, or all from there to the end of the work; then a crash, or simply all well again. */
async function failEverywhere(t: Test, work: Work<unknown>): Promise<void> {
  let states = 0;
  const random = randomFrom(7);
  const last = (await runOn(work, {})).disk.trace.length;
  for (let nth = 1; nth <= last; nth += 1) {
    for (const code of [errors[nth % errors.length] ?? '', 'ENOSPC']) {
      // The store waits a little for open files, which is slow when there never are any.
      const isLasting = random() < 0.5 && !/E[MN]FILE/.test(code);
      const at = (call: number): boolean => (isLasting ? call >= nth : call === nth);
      const { disk, noted } = await runOn(work, { seed: nth, fail: { code, at } });
      const where = `${code} ${isLasting ? 'from' : 'at'} call ${nth}`;
      const leftovers = disk.files.filter((file) => file.endsWith('.bnity-tmp'));
      if (!isLasting && leftovers.length > 0) t.fail(`${where}: ${leftovers.join()} is left`, { trace: disk.trace });
      if (disk.openCount > 0) t.fail(`${where}: ${disk.openCount} files stay open`, { trace: disk.trace });
      for (const after of [disk.afterKill(), disk.afterCrash('forgets all'), disk.afterCrash(nth)]) {
        states += 1;
        try {
          await work.check(after, noted);
        } catch (error) {
          t.fail(`${where}: ${String(error)}`, { trace: disk.trace.slice(Math.max(0, nth - 6), nth + 12) });
          return;
        }
      }
    }
  }
  t.ok(states > 100, `${states} states were looked at`);
}

async function runOn(work: Work<unknown>, trouble: Trouble) {
  const before = new CrashDisk();
  await work.prepare?.(before);
  const disk = before.afterCrash('keeps all', trouble);
  const noted = work.noted();
  const isOver = await ends(work.run(disk, noted));
  return { disk, noted, isOver };
}

/** Whether a work came to its end; false when the machine went off on the way. */
async function ends(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof Crash || (Fault.is(error) && error.cause instanceof Crash)) return false;
    if (Fault.is(error)) return true;
    throw error;
  }
}
