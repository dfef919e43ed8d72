import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as rest } from 'node:timers/promises';
import { isMissingFile } from 'boternity';

/** From the least to the most serious. */
export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

/** A line of the server's log. Beside these it has fields: ids, numbers, and an `error` with `message`. */
export interface LogLine {
  readonly time: string;
  readonly level: Level;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface LogQuery {
  /** Names of one bot, any of which counts: its slug and its id. All bots when absent. */
  readonly bots?: readonly string[] | undefined;
  /** Id of an answer or of a turn. */
  readonly run?: string | undefined;
  /** Lines of this level and of more serious ones. */
  readonly level?: Level | undefined;
}

/** How often a log that is followed is looked at, in milliseconds. */
const LOOK_MS = 250;

/** A day may lie in several files: `<date>.jsonl` and, where it was rotated, `<date>.<n>.jsonl`. */
const FILE = /^(\d{4}-\d\d-\d\d)(?:\.\d+)?\.jsonl$/;

const folderOf = (home: string): string => path.join(home, '.boternity', 'logs');

/** The last lines of a home's log that are asked for, at most `limit`, oldest first. Lines that cannot be read are passed over. */
export async function readLogs(home: string, query: LogQuery, limit: number): Promise<LogLine[]> {
  const isWanted = wantedBy(query);
  let found: LogLine[] = [];
  for (const files of await days(home)) {
    const ofDay: LogLine[] = [];
    for (const file of files) {
      for await (const text of linesOf(file)) {
        const line = parse(text);
        if (line && isWanted(line)) ofDay.push(line);
      }
    }
    // The files of a day are numbered in the order of whoever rotates them; the times of their lines say what came first.
    ofDay.sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
    found = [...ofDay, ...found].slice(-limit);
    if (found.length >= limit) break;
  }
  return found;
}

/** The lines that are written from now on, until the signal says stop. Files that are begun, renamed or gone meanwhile are no trouble. */
export async function* followLogs(home: string, query: LogQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
  const isWanted = wantedBy(query);
  const read = new Map<number, number>();
  for (const { inode, size } of await sizes(home)) read.set(inode, size);
  while (!signal.aborted) {
    for (const { file, inode, size } of await sizes(home)) {
      const from = read.get(inode) ?? 0;
      if (size <= from) continue;
      const bytes = await slice(file, from, size);
      // What is not a whole line yet is read again next time.
      const end = bytes.lastIndexOf(0x0a) + 1;
      read.set(inode, from + end);
      const lines = bytes.subarray(0, end).toString().split('\n').map(parse);
      for (const line of lines) if (line && isWanted(line)) yield line;
    }
    await rest(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The files of each day, newest day first. */
async function days(home: string): Promise<string[][]> {
  const byDay = Map.groupBy((await filesOf(home)).toSorted(), (name) => FILE.exec(name)?.[1] ?? '');
  return [...byDay]
    .toSorted(([a], [b]) => (a < b ? 1 : -1))
    .map(([, names]) => names.map((name) => path.join(folderOf(home), name)));
}

async function filesOf(home: string): Promise<string[]> {
  const names = await readdir(folderOf(home)).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw error;
  });
  return names.filter((name) => FILE.test(name));
}

async function sizes(home: string): Promise<{ file: string; inode: number; size: number }[]> {
  const found = await Promise.all(
    (await filesOf(home)).toSorted().map(async (name) => {
      const file = path.join(folderOf(home), name);
      const { ino: inode, size } = await stat(file).catch(() => ({ ino: 0, size: 0 }));
      return { file, inode, size };
    }),
  );
  return found.filter(({ size }) => size > 0);
}

async function slice(file: string, from: number, to: number): Promise<Buffer> {
  try {
    await using handle = await open(file);
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  } catch {
    // It was rotated away between the look and the reading; the next look finds it under its new name.
    return Buffer.alloc(0);
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    await using handle = await open(file);
    yield* createInterface({ input: handle.createReadStream({ autoClose: false }), crlfDelay: Infinity });
  } catch (error) {
    if (!isMissingFile(error)) throw error;
  }
}

function parse(text: string): LogLine | undefined {
  try {
    const line = JSON.parse(text) as Partial<LogLine> | null;
    const isLine = typeof line?.time === 'string' && typeof line.message === 'string' && rankOf(line.level) >= 0;
    return isLine ? (line as LogLine) : undefined;
  } catch {
    return undefined;
  }
}

function wantedBy({ bots, run, level }: LogQuery): (line: LogLine) => boolean {
  const least = level === undefined ? 0 : rankOf(level);
  return (line) =>
    rankOf(line.level) >= least &&
    (bots === undefined || bots.some((name) => line['bot'] === name)) &&
    (run === undefined || line['run'] === run || line['turn'] === run || isAmong(line['runs'], run));
}

function isAmong(list: unknown, wanted: string): boolean {
  return Array.isArray(list) && list.includes(wanted);
}

function rankOf(level: Level | undefined): number {
  return level === undefined ? -1 : levels.indexOf(level);
}
