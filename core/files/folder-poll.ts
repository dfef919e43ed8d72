import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A round that took long is followed by a rest of so many times that, so that reading never takes much of the machine. */
const REST_TIMES = 4;
/** Files that are looked at side by side. */
const AT_ONCE = 16;

export interface FolderPollOptions {
  /** Hears that a name of a folder changed; `isMove` when it came or went. */
  readonly onEvent: (folder: string, name: string, isMove: boolean) => void;
  /** Asked once a round, for one folder after the other, until it says no: whether the system watches the folder again. */
  readonly watchAgain: (folder: string) => boolean;
  /** Rest between two rounds, in milliseconds. */
  readonly restMs: number;
}

/** Follows folders by reading them from time to time: for systems that have no more watches. */
export class FolderPoll implements Disposable {
  readonly #root: string;
  readonly #options: FolderPollOptions;
  /** Folder → name → what was known of it. */
  readonly #known = new Map<string, ReadonlyMap<string, string>>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(root: string, options: FolderPollOptions) {
    this.#root = root;
    this.#options = options;
  }

  /** How many folders are read. */
  get size(): number {
    return this.#known.size;
  }

  /** Begins to read a folder; what it holds now is what changes are compared with. */
  async add(folder: string): Promise<void> {
    this.#known.set(folder, new Map());
    const seen = await this.#look(folder);
    if (this.#known.has(folder)) this.#known.set(folder, seen);
    if (!this.#isClosed) this.#timer ??= this.#after(this.#options.restMs);
  }

  remove(folder: string): void {
    this.#known.delete(folder);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#known.clear();
  }

  #after(ms: number): NodeJS.Timeout {
    return setTimeout(() => void this.#round(), ms).unref();
  }

  async #round(): Promise<void> {
    const began = performance.now();
    for (const folder of this.#known.keys()) {
      if (!this.#options.watchAgain(folder)) break;
      // What happened before the watch stood is still to be told.
      await this.#compare(folder);
      this.#known.delete(folder);
    }
    for (const folder of this.#known.keys()) {
      if (this.#isClosed) return;
      await this.#compare(folder);
      await nextTurn();
    }
    this.#timer = undefined;
    if (this.#isClosed || this.#known.size === 0) return;
    this.#timer = this.#after(Math.max(this.#options.restMs, (performance.now() - began) * REST_TIMES));
  }

  async #compare(folder: string): Promise<void> {
    const before = this.#known.get(folder);
    const seen = await this.#look(folder);
    if (!before || !this.#known.has(folder)) return;
    this.#known.set(folder, seen);
    for (const name of new Set([...seen.keys(), ...before.keys()])) {
      const [now, then] = [seen.get(name), before.get(name)];
      if (now !== then) this.#options.onEvent(folder, name, inodeOf(now) !== inodeOf(then));
    }
  }

  async #look(folder: string): Promise<Map<string, string>> {
    const seen = new Map<string, string>();
    const names = await readdir(path.join(this.#root, folder)).catch((): string[] => []);
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE).map(async (name) => {
        const found = await lstat(path.join(this.#root, folder, name)).catch(() => undefined);
        if (found) seen.set(name, `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`);
      });
      await Promise.all(some);
    }
    return seen;
  }
}

function inodeOf(signature: string | undefined): string | undefined {
  return signature?.slice(0, signature.indexOf(' '));
}
