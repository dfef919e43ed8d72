import { createReadStream } from 'node:fs';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { makeFolder } from './disk.ts';
import { openJournal, type Journal } from './journal.ts';
import { isMissingFile } from './system-calls.ts';

/** Lines of so many milliseconds are written together: a kill loses no more than these. */
const TOGETHER_MS = 200;
const DAY_MS = 24 * 60 * 60_000;

/** The day of an instant on this machine, `yyyy-mm-dd`. */
export function dayOf(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/**
 * JSON lines that are written all the time and read seldom: a file a day, `<yyyy-mm-dd>.jsonl`. A file that is damaged is put
 * aside, named in the log, and still read as far as it can be; writing goes on in a new one.
 */
export class DailyJournal implements AsyncDisposable {
  readonly #home: string;
  readonly #folder: string;
  readonly #log: Log;
  #today: { readonly day: string; readonly journal: Promise<Journal> } | undefined;
  readonly #waiting: { readonly value: unknown; readonly day: string }[] = [];
  readonly #keepDays: number;
  #timer: NodeJS.Timeout | undefined;
  #tidied = '';
  #writing: Promise<unknown> = Promise.resolve();

  /** `folder` is relative to the home. Days older than `keepDays` are removed when the first line of a day is added; none without. */
  constructor(home: string, folder: string, log: Log, keepDays = Infinity) {
    this.#keepDays = keepDays;
    this.#home = home;
    this.#folder = folder;
    this.#log = log;
  }

  /** Writes a line, together with those that come soon after it. Nobody waits for it; what the disk refuses is logged. */
  add(value: unknown, at: Date): void {
    this.#waiting.push({ value, day: dayOf(at) });
    this.#timer ??= setTimeout(() => this.#write(), TOGETHER_MS);
    if (this.#tidied === dayOf(at) || this.#keepDays === Infinity) return;
    this.#tidied = dayOf(at);
    void this.#tidy().catch((error: unknown) =>
      this.#log.warn(`What is old in ${this.#folder} could not be removed`, { error }),
    );
  }

  /** Waits until everything that was added is on disk. */
  async settle(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  /** Days that there is anything of, oldest first. */
  async days(): Promise<string[]> {
    const days = (await this.#files()).flatMap((file) => /^(\d{4}-\d\d-\d\d)\.jsonl/.exec(file)?.[1] ?? []);
    return [...new Set(days)].toSorted();
  }

  /** The values of a day in the order in which they were written; lines that are none are passed over, and those nobody wants are not parsed. */
  async *of(day: string, isWanted: (line: string) => boolean = () => true): AsyncGenerator {
    const files = (await this.#files()).filter((file) => file.startsWith(`${day}.jsonl`)).toSorted();
    for (const file of [...files.slice(1), ...files.slice(0, 1)]) {
      const place = path.join(this.#home, this.#folder, file);
      if (!(await lstat(place)).isFile()) continue;
      const lines = createInterface({ input: createReadStream(place, 'utf8'), crlfDelay: Infinity });
      for await (const line of lines) {
        const value = isWanted(line) ? valueIn(line) : undefined;
        if (value !== undefined) yield value;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settle();
    await this.#today?.journal.then((journal) => journal[Symbol.asyncDispose]()).catch(() => undefined);
  }

  async #tidy(): Promise<void> {
    const oldest = dayOf(new Date(Date.now() - this.#keepDays * DAY_MS));
    for (const file of await this.#files()) {
      const day = /^(\d{4}-\d\d-\d\d)\.jsonl/.exec(file)?.[1];
      if (day !== undefined && day < oldest) await rm(path.join(this.#home, this.#folder, file), { force: true });
    }
  }

  /** Lines that are handed over at once share one write and one sync. */
  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { value, day } of this.#waiting.splice(0)) {
      const written = this.#journalOf(day)
        .then((journal) => journal.append(value))
        .catch((error: unknown) => this.#log.error(`A line of ${this.#name(day)} could not be written`, { error }));
      this.#writing = Promise.all([this.#writing, written]);
    }
  }

  #journalOf(day: string): Promise<Journal> {
    if (this.#today?.day === day) return this.#today.journal;
    const before = this.#today?.journal;
    const journal = this.#open(day);
    this.#today = { day, journal };
    journal.catch(() => (this.#today = undefined));
    // Those that still wait for the file of yesterday have handed their lines over before it is closed.
    void before?.then((old) => this.#writing.then(() => old[Symbol.asyncDispose]())).catch(() => undefined);
    return journal;
  }

  async #open(day: string): Promise<Journal> {
    const place = path.join(this.#home, this.#name(day));
    await makeFolder(path.dirname(place));
    try {
      const { journal, torn } = await openJournal(place);
      if (torn) this.#log.warn(`The last line of ${this.#name(day)} had not been written whole, and is gone`, torn);
      return journal;
    } catch (error) {
      if (Fault.is(error) && error.code === 'DISK_FULL') throw error;
      const { code, message: why } = Fault.from(error);
      const aside = `${this.#name(day)}.damaged-${createId()}`;
      await rename(place, path.join(this.#home, aside));
      this.#log.error(`${this.#name(day)} is damaged: it was put aside as ${aside}, and a new one begun`, {
        code,
        why,
      });
      return (await openJournal(place)).journal;
    }
  }

  async #files(): Promise<string[]> {
    try {
      return await readdir(path.join(this.#home, this.#folder));
    } catch (error) {
      if (isMissingFile(error)) return [];
      throw error;
    }
  }

  #name(day: string): string {
    return `${this.#folder}/${day}.jsonl`;
  }
}

function valueIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
