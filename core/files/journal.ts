import { constants } from 'node:fs';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { readJsonLines, toJsonLine } from '../base/json-lines.ts';
import { diskFault } from './disk-fault.ts';
import { openDurableFolder } from './folders.ts';
import { nearestReal, readPlainFile, replaceFile, writeAll } from './replace-file.ts';
import { isMissingFile, systemCalls, type OpenFile, type OpenFolder, type SystemCalls } from './system-calls.ts';

/** How long an unused journal keeps its file open, in milliseconds. */
const IDLE_CLOSE_MS = 10_000;
const SPACE = 0x20;

/**
 * An append-only file of JSON lines. Appends that arrive while one is being written share the next write and the next
 * sync; each answers when its line is on disk. Order of lines is order of calls. A line that begins with a space was written
 * together with the one before it. An append that rejects left nothing behind, and the next one may succeed.
 */
export interface Journal extends AsyncDisposable {
  append(value: unknown): Promise<void>;
}

export interface OpenedJournal {
  readonly journal: Journal;
  readonly values: unknown[];
  /** Set when the end of the file was cut off: what a crash left half-written. */
  readonly torn?: { readonly bytes: number };
}

/**
 * Opens a journal, new or existing. What a crash left half-written, the last lines that were written together, is cut off;
 * damage before that throws JOURNAL_TORN and changes nothing.
 */
export async function openJournal(file: string, calls: SystemCalls = systemCalls): Promise<OpenedJournal> {
  try {
    const bytes = await readWhole(calls, file);
    if (!bytes) return { journal: new FileJournal(calls, file, 0), values: [] };
    const { values, goodBytes } = await readJsonLines(bytes);
    const journal = new FileJournal(calls, file, goodBytes);
    if (goodBytes === bytes.length) return { journal, values };
    if (hasLaterWrite(bytes.subarray(goodBytes))) {
      throw new Fault('JOURNAL_TORN', `${file} is damaged after line ${values.length}; more lines follow the damage.`);
    }
    await cutOff(calls, file, goodBytes);
    return { journal, values, torn: { bytes: bytes.length - goodBytes } };
  } catch (error) {
    throw diskFault(error, 'read', file);
  }
}

/**
 * Whether something that was written later follows the damage. A crash can spoil all that was not synced, so the whole of the last
 * write, whose lines but the first begin with a space; but a write begins only when the one before it is on disk.
 */
function hasLaterWrite(rest: Buffer): boolean {
  for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a, end + 1)) {
    const first = rest[end + 1];
    if (first !== undefined && first !== SPACE && first !== 0) return true;
  }
  return false;
}

async function readWhole(calls: SystemCalls, file: string): Promise<Buffer | undefined> {
  try {
    return await readPlainFile(file, calls);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

/** Synced at once: what was cut off must not come back behind lines that are written later. */
async function cutOff(calls: SystemCalls, file: string, length: number): Promise<void> {
  const opened = await calls.open(file, constants.O_RDWR);
  try {
    await opened.truncate(length);
    await opened.sync();
  } finally {
    await opened.close();
  }
}

interface Waiting {
  readonly line: string;
  readonly done: PromiseWithResolvers<void>;
}

class FileJournal implements Journal {
  readonly #calls: SystemCalls;
  readonly #file: string;
  /** What is on disk for certain. */
  #bytes: number;
  /** After a failed sync nobody knows what the disk holds, and a second one would succeed without having written anything. */
  #isDoubtful = false;
  /** Whether the name of the file is known to be durable. A crash of this process alone may have left it otherwise. */
  #isNamed = false;
  #handle: OpenFile | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(calls: SystemCalls, file: string, bytes: number) {
    this.#calls = calls;
    this.#file = file;
    this.#bytes = bytes;
  }

  append(value: unknown): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ line: toJsonLine(value), done });
    this.#writing ??= this.#drain();
    return done.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#close();
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#idle);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(Buffer.from(batch.map(({ line }) => line).join(' ')));
        for (const { done } of batch) done.resolve();
      } catch (error) {
        const fault = diskFault(error, 'written', this.#file);
        for (const { done } of batch) done.reject(fault);
      }
    }
    this.#writing = undefined;
    this.#idle = setTimeout(() => void this.#close(), IDLE_CLOSE_MS).unref();
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#isDoubtful) await this.#rewrite();
    const handle = (this.#handle ??= await this.#open());
    if ((await handle.stat()).nlink === 0) {
      await this.#close();
      throw this.#changedByOthers('replaced or removed');
    }
    try {
      await writeAll(handle, bytes, this.#bytes);
    } catch (error) {
      await handle.truncate(this.#bytes).catch(() => this.#doubt());
      throw error;
    }
    try {
      await handle.datasync();
    } catch (error) {
      await handle.truncate(this.#bytes).catch(() => undefined);
      await this.#doubt();
      // At once, because what failed may have spoiled the block in which the last good line ends.
      await this.#rewrite().catch(() => undefined);
      throw error;
    }
    this.#bytes += bytes.length;
  }

  async #open(): Promise<OpenFile> {
    const { real } = await nearestReal(this.#calls, path.dirname(this.#file));
    const folder = await openDurableFolder(this.#calls, real);
    try {
      return await this.#openIn(folder);
    } finally {
      await folder.close().catch(() => undefined);
    }
  }

  async #openIn(folder: OpenFolder): Promise<OpenFile> {
    const flags = constants.O_RDWR | (this.#bytes === 0 ? constants.O_CREAT : 0);
    const handle = await this.#calls.open(`${folder.path}/${path.basename(this.#file)}`, flags, 0o644);
    try {
      if ((await handle.stat()).size !== this.#bytes) throw this.#changedByOthers('changed');
      if (!this.#isNamed) await folder.sync();
      this.#isNamed = true;
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Puts what is known to be good into a new file: its blocks have never failed. While that cannot be done, nothing is appended. */
  async #rewrite(): Promise<void> {
    const whole = this.#bytes === 0 ? Buffer.alloc(0) : await readWhole(this.#calls, this.#file);
    const good = whole?.subarray(0, this.#bytes);
    if (!good || (await readJsonLines(good)).goodBytes !== this.#bytes) {
      throw new Fault('JOURNAL_TORN', `${this.#file} could not be read back whole after the disk had failed.`);
    }
    const { real } = await nearestReal(this.#calls, path.dirname(this.#file));
    await replaceFile(this.#calls, real, path.basename(this.#file), good, 0o644);
    this.#isDoubtful = false;
  }

  async #doubt(): Promise<void> {
    this.#isDoubtful = true;
    await this.#close();
  }

  #changedByOthers(how: string): Fault {
    return new Fault('JOURNAL_TORN', `${this.#file} was ${how} by another program while the server was using it.`, {
      hint: 'Restart the server: it then goes on from what the file holds.',
    });
  }

  async #close(): Promise<void> {
    clearTimeout(this.#idle);
    const handle = this.#handle;
    this.#handle = undefined;
    // Everything that was answered is synced; what closing has to say changes nothing.
    await handle?.close().catch(() => undefined);
  }
}
