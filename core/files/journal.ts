import { open, readFile, truncate, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { parseJsonLines, toJsonLine } from '../base/json-lines.ts';
import { makeFolder, syncFolder } from './disk.ts';

/** How long an unused journal keeps its file open, in milliseconds. */
const IDLE_CLOSE_MS = 10_000;

/**
 * An append-only file of JSON lines. Appends that arrive while one is being written share the next write and the next
 * sync; each answers when its line is on disk. Order of lines is order of calls.
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

/** Opens a journal, new or existing. A torn last line is cut off; damage before the last line throws JOURNAL_TORN. */
export async function openJournal(file: string): Promise<OpenedJournal> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw Fault.from(error);
  });
  if (text === undefined) return { journal: new FileJournal(file, 0), values: [] };
  const { values, goodBytes, rest } = parseJsonLines(text);
  if (rest === '') return { journal: new FileJournal(file, goodBytes), values };
  if (rest.indexOf('\n') >= 0 && rest.indexOf('\n') < rest.length - 1) {
    throw new Fault('JOURNAL_TORN', `${file} is damaged after line ${values.length}; more lines follow the damage.`);
  }
  await truncate(file, goodBytes);
  return { journal: new FileJournal(file, goodBytes), values, torn: { bytes: Buffer.byteLength(rest) } };
}

interface Waiting {
  readonly line: string;
  readonly done: PromiseWithResolvers<void>;
}

class FileJournal implements Journal {
  readonly #file: string;
  #bytes: number;
  #handle: FileHandle | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(file: string, bytes: number) {
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
        await this.#write(Buffer.from(batch.map((waiting) => waiting.line).join('')));
        for (const { done } of batch) done.resolve();
      } catch (error) {
        const fault = Fault.from(error);
        for (const { done } of batch) done.reject(fault);
      }
    }
    this.#writing = undefined;
    this.#idle = setTimeout(() => void this.#close(), IDLE_CLOSE_MS).unref();
  }

  async #write(bytes: Buffer): Promise<void> {
    const handle = (this.#handle ??= await this.#open());
    try {
      const { bytesWritten } = await handle.write(bytes, 0, bytes.length, this.#bytes);
      if (bytesWritten < bytes.length)
        throw new Fault('DISK_FULL', `Only a part of a line could be written to ${this.#file}.`);
      await handle.datasync();
      this.#bytes += bytes.length;
    } catch (error) {
      await handle.truncate(this.#bytes).catch(() => undefined);
      throw error;
    }
  }

  async #open(): Promise<FileHandle> {
    if (this.#bytes > 0) return open(this.#file, 'r+');
    await makeFolder(path.dirname(this.#file));
    const handle = await open(this.#file, 'w');
    await syncFolder(path.dirname(this.#file));
    return handle;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#idle);
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}
