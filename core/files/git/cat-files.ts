import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Fault } from '../../base/fault.ts';
import type { GitObject, ObjectKind } from './codec.ts';
import { OBJECT_BYTES_MAX } from './objects.ts';
import { endGroup } from './program.ts';

const CHILDREN_MAX = 6;
const IDLE_MS = 10_000;
const LARGE = 1 << 20;

/** Object with the full name that git gave it. */
export interface Answer extends GitObject {
  readonly id: string;
}

/** Long-lived `git cat-file --batch` children, a few at most, for objects that lie in packs. */
export class CatFiles implements AsyncDisposable {
  readonly #readers = new Map<string, Reader>();
  readonly #waiting: (() => void)[] = [];
  #reading = 0;

  /** The object that a full or short id names, `^{commit}` behind it or not; undefined when there is none. */
  async read(key: string, name: string, start: () => Promise<ChildProcess>): Promise<Answer | undefined> {
    if (this.#reading >= CHILDREN_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#reading += 1;
    try {
      return await this.#reader(key, start).read(name);
    } catch (error) {
      // A child that was ended by somebody, or closed for another just now, is replaced once.
      if (!Fault.is(error) || error.code !== 'GIT_FAILED') throw error;
      return await this.#reader(key, start).read(name);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#reading -= 1;
    }
  }

  #reader(key: string, start: () => Promise<ChildProcess>): Reader {
    let reader = this.#readers.get(key);
    if (!reader || reader.isOver) {
      reader = new Reader(start, () => {
        if (this.#readers.get(key) === reader) this.#readers.delete(key);
      });
      this.#readers.set(key, reader);
      this.#closeOthers(key);
    }
    return reader;
  }

  /** Ends the child of a key: its objects are about to go away. */
  async close(key: string): Promise<void> {
    await this.#readers.get(key)?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.close()));
  }

  #closeOthers(key: string): void {
    for (const [other, reader] of this.#readers) {
      if (this.#readers.size <= CHILDREN_MAX) return;
      if (other !== key && !reader.isBusy) void reader.close();
    }
  }
}

/** One child. Questions are answered in order. */
class Reader {
  readonly #child: Promise<ChildProcess>;
  readonly #ended: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | undefined;
  #chunks: Buffer[] = [];
  #length = 0;
  #filling: { readonly bytes: Buffer; at: number } | undefined;
  #wanted: { bytes: number; done: PromiseWithResolvers<void> } | undefined;
  isOver = false;

  constructor(start: () => Promise<ChildProcess>, ended: () => void) {
    this.#ended = ended;
    this.#child = start().then((child) => this.#listen(child));
    this.#child.catch(() => this.#over());
  }

  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  read(name: string): Promise<Answer | undefined> {
    this.#waiting += 1;
    clearTimeout(this.#idle);
    const answer = this.#last.then(() => this.#ask(name));
    this.#last = answer
      .catch(() => undefined)
      .then(() => {
        this.#waiting -= 1;
        if (this.#waiting > 0) return;
        this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
        this.#hold(false).catch(() => undefined);
      });
    return answer;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const child = await this.#child.catch(() => undefined);
    if (!child || this.isOver) return;
    // A child that idles would not keep this process waiting for its end.
    await this.#hold(true);
    const closed = once(child, 'close');
    this.#over();
    endGroup(child);
    await closed;
  }

  #listen(child: ChildProcess): ChildProcess {
    child.stdout?.on('data', (piece: Buffer) => this.#hear(piece));
    child.stderr?.resume();
    child.once('close', () => this.#over());
    return child;
  }

  /** What fills a large object is copied as it comes: to join it all in the end would hold up others. */
  #hear(piece: Buffer): void {
    const filling = this.#filling;
    const used = filling ? piece.copy(filling.bytes, filling.at) : 0;
    if (filling) filling.at += used;
    const rest = used === piece.length ? undefined : piece.subarray(used);
    if (rest) this.#chunks.push(rest);
    this.#length += piece.length;
    if (this.#wanted && this.#length >= this.#wanted.bytes) this.#wanted.done.resolve();
  }

  #over(): void {
    this.isOver = true;
    this.#wanted?.done.reject(new Fault('GIT_FAILED', 'git cat-file ended before it answered.'));
    this.#ended();
  }

  async #ask(name: string): Promise<Answer | undefined> {
    const child = await this.#hold(true);
    child.stdin?.write(`${name}\n`);
    const line = await this.#takeLine();
    const [, id, kind, size] = /^([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)$/.exec(line) ?? [];
    if (!id || !kind) return undefined;
    const bytes = Number(size);
    if (bytes > OBJECT_BYTES_MAX) {
      void this.close();
      throw new Fault('GIT_DAMAGED', `The git object ${id} is larger than ${OBJECT_BYTES_MAX} bytes.`);
    }
    const content = (await this.#take(bytes + 1)).subarray(0, bytes);
    return { id, kind: kind as ObjectKind, content };
  }

  /** A child that is asked keeps the process alive, one that idles does not. */
  async #hold(isHeld: boolean): Promise<ChildProcess> {
    const child = await this.#child;
    for (const one of [child, child.stdin, child.stdout, child.stderr] as (ChildProcess | Socket | null)[]) {
      if (isHeld) one?.ref();
      else one?.unref();
    }
    return child;
  }

  async #takeLine(): Promise<string> {
    for (let searched = 0; ;) {
      const whole = this.#joined();
      const end = whole.indexOf(0x0a, searched);
      if (end >= 0) return (await this.#take(end + 1)).toString('latin1', 0, end);
      searched = whole.length;
      await this.#more(searched + 1);
    }
  }

  async #take(bytes: number): Promise<Buffer> {
    if (bytes > LARGE) return this.#fill(Buffer.allocUnsafeSlow(bytes));
    await this.#more(bytes);
    const whole = this.#joined();
    this.#chunks = whole.length > bytes ? [whole.subarray(bytes)] : [];
    this.#length = whole.length - bytes;
    return whole.subarray(0, bytes);
  }

  async #fill(bytes: Buffer): Promise<Buffer> {
    const begun = this.#joined();
    this.#chunks = [];
    this.#filling = { bytes, at: begun.copy(bytes) };
    await this.#more(bytes.length);
    this.#filling = undefined;
    this.#length -= bytes.length;
    return bytes;
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  async #more(bytes: number): Promise<void> {
    if (this.#length >= bytes) return;
    if (this.isOver) throw new Fault('GIT_FAILED', 'git cat-file has ended.');
    this.#wanted = { bytes, done: Promise.withResolvers() };
    await this.#wanted.done.promise;
    this.#wanted = undefined;
  }
}
