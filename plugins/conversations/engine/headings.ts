import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readJsonLines, toJsonLine, type Home } from 'boternity';
import type { Heading } from '../present.ts';

const FILE = '.boternity/cache/conversations.jsonl';
/** Raised whenever a heading holds something else. */
const VERSION = 4;
/** Rest after a change before the cache is written, in milliseconds. */
const SAVE_AFTER_MS = 5_000;

interface Entry {
  readonly heading: Heading;
  /** Bytes and time of change of the journal it was read from; undefined: not compared with the disk in this run. */
  readonly size: number;
  readonly changedMs: number;
  isFresh: boolean;
}

/** A line of the cache: size and time of change of the journal, heading. */
type Line = readonly [number, number, Heading];

/**
 * What the lists tell of closed conversations. A journal is read only when it is not what it was when it was last read, in this run or an
 * earlier one. The cache may be deleted any time, with equal results.
 */
export class Headings {
  readonly #home: Home;
  readonly #entries = new Map<string, Entry>();
  #loading: Promise<void> | undefined;
  #saver: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(home: Home) {
    this.#home = home;
  }

  /** The heading of a conversation whose journal is that file, from the home; read by `read` where it is not known. */
  async get(id: string, file: string, read: () => Promise<Heading | undefined>): Promise<Heading | undefined> {
    const known = this.#entries.get(id);
    if (known?.isFresh) return known.heading;
    await (this.#loading ??= this.#load());
    const found = await stat(path.join(this.#home.path, file)).catch(() => undefined);
    const cached = this.#entries.get(id);
    if (cached && found && cached.size === found.size && cached.changedMs === found.mtimeMs) {
      cached.isFresh = true;
      return cached.heading;
    }
    const heading = await read();
    // Somebody opened and closed it meanwhile: what they learned is newer.
    const newer = this.#entries.get(id);
    if (newer?.isFresh) return newer.heading;
    if (heading && found) this.#keep(id, { heading, size: found.size, changedMs: found.mtimeMs, isFresh: true });
    return heading;
  }

  /** Keeps the heading of a conversation that was just closed. */
  async learn(id: string, file: string, heading: Heading): Promise<void> {
    const found = await stat(path.join(this.#home.path, file)).catch(() => undefined);
    if (found) this.#keep(id, { heading, size: found.size, changedMs: found.mtimeMs, isFresh: true });
  }

  /** To be called when the journal of a conversation is written by somebody, or gone. */
  forget(id: string): void {
    if (this.#entries.delete(id)) this.#saveSoon();
  }

  /** Writes what is not written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const isPending = this.#saver !== undefined;
    clearTimeout(this.#saver);
    if (isPending) await this.#save();
  }

  #keep(id: string, entry: Entry): void {
    this.#entries.set(id, entry);
    this.#saveSoon();
  }

  async #load(): Promise<void> {
    try {
      const content = await this.#home.files.read(FILE);
      if (!content) return;
      const [head, ...lines] = (await readJsonLines(content)).values as [{ version: number }, ...Line[]];
      if (head.version !== VERSION) return;
      for (const [size, changedMs, heading] of lines)
        if (!this.#entries.has(heading.id)) this.#entries.set(heading.id, { heading, size, changedMs, isFresh: false });
    } catch (error) {
      this.#home.log.warn('The cache of the conversations cannot be used and is made anew', { error });
    }
  }

  #saveSoon(): void {
    if (!this.#isClosed) this.#saver ??= setTimeout(() => void this.#save(), SAVE_AFTER_MS).unref();
  }

  async #save(): Promise<void> {
    this.#saver = undefined;
    const lines = Array.from(this.#entries.values(), ({ size, changedMs, heading }): Line => [
      size,
      changedMs,
      heading,
    ]);
    const text = [{ version: VERSION }, ...lines].map((line) => toJsonLine(line)).join('');
    await this.#home.files
      .write(FILE, text)
      .catch((error: unknown) => this.#home.log.warn('The cache of the conversations cannot be written', { error }));
  }
}
