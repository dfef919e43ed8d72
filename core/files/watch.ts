import { watch, type Dirent, type FSWatcher } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { FolderPoll } from './folder-poll.ts';
import { onLostEvents, countEvent } from './lost-events.ts';
import { TEMPORARY_SUFFIX } from './store-path.ts';
import { isSystemError } from './system-calls.ts';

/** Quiet time after the last event of a path before it is reported: an editor's truncate-and-write is one change. */
const QUIET_MS = 15;
/** A path that never rests is reported this often all the same. */
const LONGEST_MS = 100;
/** How often folders are read when the system gives no more watches. */
const READ_EVERY_MS = 2_000;
/** Folders that are taken up side by side. */
const LANES = 4;
/** Paths that are told at once; between two such parts everything else gets its turn. */
const TOLD_AT_ONCE = 500;

export interface WatchOptions {
  /** Whether to watch a folder, given relative to the root. The root itself is always watched. */
  readonly enter: (folder: string) => boolean;
  /**
   * Hears every path, relative to the root, that appeared, changed or vanished; once a burst has rested. The path of a folder stands
   * for everything in it: something there may have vanished with it, or unseen.
   */
  readonly onChange: (paths: readonly string[]) => void;
  /** Hears once when the system ran out of watches and reading from time to time took over. */
  readonly onPolling?: (error: Error) => void;
  /** Hears when more happened than the system can keep; everything that may have changed is then looked for and told. */
  readonly onLost?: () => void;
  /** Rest between two rounds of reading, in milliseconds; two seconds by default. */
  readonly readEveryMs?: number;
  /** The watch of the system; another one for tests. */
  readonly system?: typeof watch;
}

/** A folder that is followed, by a watch of the system or by reading it. */
interface Followed {
  watcher: FSWatcher | undefined;
  /** Paths of the followed folders in it; most have none. */
  below: Set<string> | undefined;
  /** Done when everything in it is followed too. */
  covered: Promise<void>;
}

const done = Promise.resolve();

/**
 * Watches a folder and the folders in it, one system watch per folder. A folder that appears is read after its watch
 * stands, so a file written right after `mkdir` is not missed. Reports are hints: read the path to learn what it is now.
 */
export class FolderWatcher implements Disposable {
  readonly #root: string;
  readonly #options: WatchOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #poll: FolderPoll;
  /** Path → when it was first heard of, and whether it came or went. */
  readonly #pending = new Map<string, { readonly at: number; isMove: boolean }>();
  readonly #stopListening: () => void;
  #flush: NodeJS.Timeout | undefined;
  #lastAt = 0;
  #reporting: Promise<void> = done;
  #isClosed = false;

  constructor(root: string, options: WatchOptions) {
    this.#root = path.resolve(root);
    this.#options = options;
    this.#poll = new FolderPoll(this.#root, {
      onEvent: (folder, name, isMove) => this.#event(folder, name, isMove),
      watchAgain: (folder) => this.#watchAgain(folder),
      restMs: options.readEveryMs ?? READ_EVERY_MS,
    });
    this.#stopListening = onLostEvents((since) => void this.#lookEverywhere(since));
  }

  /** How many folders are followed now; what the system does not watch is read. */
  get counts(): { readonly folders: number; readonly read: number } {
    return { folders: this.#followed.size, read: this.#poll.size };
  }

  /** Follows a folder and those below it; answers when all of them are. With `report` everything found counts as changed. */
  add(folder = '', report = false): Promise<void> {
    if (this.#isClosed || (folder !== '' && !this.#options.enter(folder))) return done;
    const known = this.#followed.get(folder);
    if (known) return known.covered;
    const followed: Followed = { watcher: undefined, below: undefined, covered: done };
    this.#followed.set(folder, followed);
    const parent = folder === '' ? undefined : this.#followed.get(above(folder));
    if (parent) (parent.below ??= new Set()).add(folder);
    followed.covered = this.#cover(folder, followed, report).finally(() => {
      followed.covered = done;
    });
    return followed.covered;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#flush);
    this.#stopListening();
    this.#poll[Symbol.dispose]();
    for (const { watcher } of this.#followed.values()) watcher?.close();
    this.#followed.clear();
  }

  async #cover(folder: string, followed: Followed, report: boolean): Promise<void> {
    const failure = this.#watch(folder, followed);
    if (failure) {
      if (this.#poll.size === 0) this.#options.onPolling?.(failure);
      await this.#poll.add(folder);
    }
    const isCurrent = (): boolean => this.#followed.get(folder) === followed;
    const folders: string[] = [];
    for (const entry of await entriesOf(path.join(this.#root, folder), isCurrent)) {
      const child = join(folder, entry.name);
      if (report) this.#note(child, false);
      if (entry.isDirectory()) folders.push(child);
    }
    await inLanes(folders, async (child) => {
      // One that was let go of meanwhile is taken up again by whoever follows the new one.
      if (isCurrent()) await this.add(child, report);
    });
  }

  /** Asks the system to watch; the error when it has no more watches. */
  #watch(folder: string, followed: Followed): Error | undefined {
    try {
      const watcher = (this.#options.system ?? watch)(path.join(this.#root, folder), { persistent: false });
      watcher.on('change', (type, name) => {
        countEvent();
        if (name !== null) this.#event(folder, String(name), type === 'rename');
      });
      // What becomes of a folder that cannot be watched any longer is looked up as if it had been moved.
      watcher.on('error', () => this.#note(folder, true));
      followed.watcher = watcher;
      return undefined;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      // A folder that is gone again is told by the one above it.
      return isSystemError(error, 'ENOSPC', 'EMFILE', 'ENFILE') ? error : undefined;
    }
  }

  #watchAgain(folder: string): boolean {
    const followed = this.#followed.get(folder);
    return followed !== undefined && this.#watch(folder, followed) === undefined;
  }

  #event(folder: string, name: string, isMove: boolean): void {
    if (name.endsWith(TEMPORARY_SUFFIX)) return;
    this.#note(join(folder, name), isMove);
    // A folder tells by its own name that it was moved or removed itself.
    if (isMove && folder !== '' && name === path.posix.basename(folder)) this.#note(folder, true);
  }

  #note(changed: string, isMove: boolean): void {
    this.#lastAt = performance.now();
    const known = this.#pending.get(changed);
    if (known) known.isMove ||= isMove;
    else this.#pending.set(changed, { at: this.#lastAt, isMove });
    this.#flush ??= setTimeout(() => this.#mayReport(), QUIET_MS).unref();
  }

  /** Reports when it has been quiet, or when the oldest has waited long enough. Setting a timer anew for every event would cost more than the event. */
  #mayReport(): void {
    this.#flush = undefined;
    const now = performance.now();
    const oldest = this.#pending.values().next().value?.at ?? now;
    const rest = Math.min(this.#lastAt + QUIET_MS, oldest + LONGEST_MS) - now;
    if (rest < 1) this.#report();
    else this.#flush = setTimeout(() => this.#mayReport(), rest).unref();
  }

  /** One report after the other, so that a folder is never taken up and let go of at once. */
  #report(): void {
    const paths = [...this.#pending];
    this.#pending.clear();
    const telling = this.#reporting.then(async () => {
      for (let at = 0; at < paths.length && !this.#isClosed; at += TOLD_AT_ONCE) {
        const part = paths.slice(at, at + TOLD_AT_ONCE);
        await Promise.all(part.map(([changed, { isMove }]) => this.#follow(changed, isMove)));
        if (!this.#isClosed) this.#options.onChange(part.map(([changed]) => changed));
        if (at + TOLD_AT_ONCE < paths.length) await nextTurn();
      }
    });
    this.#reporting = telling.catch(() => undefined);
  }

  /** Takes up a folder that appeared, also one that replaced another of the same name, and lets go of one that vanished. */
  async #follow(changed: string, isMove: boolean): Promise<void> {
    const isFollowed = this.#followed.has(changed);
    if (changed === '' || (isFollowed && !isMove) || !this.#options.enter(changed)) return;
    const found = await lstat(path.join(this.#root, changed)).catch(() => undefined);
    if (isFollowed) this.#drop(changed);
    if (found?.isDirectory()) await this.add(changed, true);
  }

  #drop(folder: string): void {
    const followed = this.#followed.get(folder);
    if (!followed) return;
    for (const child of followed.below ?? []) this.#drop(child);
    followed.watcher?.close();
    this.#followed.delete(folder);
    this.#followed.get(above(folder))?.below?.delete(folder);
    this.#poll.remove(folder);
  }

  /** Tells everything that may have changed since a time, in milliseconds since 1970. */
  async #lookEverywhere(since: number): Promise<void> {
    this.#options.onLost?.();
    await inLanes([...this.#followed.keys()], async (folder) => {
      const place = path.join(this.#root, folder);
      const names = await entriesOf(place, () => this.#followed.has(folder));
      for (const name of ['', ...names.map((entry) => entry.name)]) {
        const child = name === '' ? folder : join(folder, name);
        const found = await lstat(path.join(place, name)).catch(() => undefined);
        if (name.endsWith(TEMPORARY_SUFFIX) || !found || Math.max(found.ctimeMs, found.mtimeMs) < since) continue;
        this.#note(child, found.isDirectory() && !this.#followed.has(child));
      }
    });
  }
}

/** What a folder holds; nothing when it is gone. Waits as long as too many files are open: a folder that was not read would be lost. */
async function entriesOf(place: string, isWanted: () => boolean): Promise<Dirent[]> {
  for (let wait = 10; isWanted(); wait = Math.min(wait * 2, 1_000)) {
    try {
      return await readdir(place, { withFileTypes: true });
    } catch (error) {
      if (!isSystemError(error, 'EMFILE', 'ENFILE')) return [];
      await sleep(wait, undefined, { ref: false });
    }
  }
  return [];
}

/** Works through a list, a few at a time. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const next = items.values();
  const lane = async (): Promise<void> => {
    for (const item of next) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(LANES, items.length) }, lane));
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function above(folder: string): string {
  const end = folder.lastIndexOf('/');
  return end < 0 ? '' : folder.slice(0, end);
}
