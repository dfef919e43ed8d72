import { watch, type FSWatcher } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { TEMPORARY_SUFFIX } from './store-path.ts';

/** Quiet time after the last event of a path before it is reported: an editor's truncate-and-write is one change. */
const QUIET_MS = 15;
/** A path that never rests is reported this often all the same. */
const LONGEST_MS = 100;
/** How often folders are read when the system gives no more watches. */
const POLL_MS = 2_000;

export interface WatchOptions {
  /** Whether to watch a folder, given relative to the root. The root itself is always watched. */
  readonly enter: (folder: string) => boolean;
  /** Hears every path, relative to the root, that appeared, changed or vanished; once a burst has rested. */
  readonly onChange: (paths: readonly string[]) => void;
  /** Hears once when the system ran out of watches and reading every two seconds took over. */
  readonly onPolling?: (error: Error) => void;
}

/**
 * Watches a folder and the folders in it, one system watch per folder. A folder that appears is read after its watch
 * stands, so a file written right after `mkdir` is not missed. Reports are hints: read the path to learn what it is now.
 */
export class FolderWatcher implements Disposable {
  readonly #root: string;
  readonly #options: WatchOptions;
  readonly #watches = new Map<string, FSWatcher>();
  readonly #polled = new Map<string, Map<string, string>>();
  readonly #pending = new Map<string, number>();
  #flush: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(root: string, options: WatchOptions) {
    this.#root = path.resolve(root);
    this.#options = options;
  }

  /** Starts (again) to watch a folder and those below it. With `report` everything found in it counts as changed. */
  async add(folder = '', report = false): Promise<void> {
    if (this.#isClosed || (folder !== '' && !this.#options.enter(folder))) return;
    this.#watch(folder);
    const entries = await readdir(path.join(this.#root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const child = join(folder, entry.name);
      if (report) this.#note(child);
      if (entry.isDirectory() && !this.#watches.has(child)) await this.add(child, report);
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#flush);
    clearInterval(this.#poll);
    for (const watcher of this.#watches.values()) watcher.close();
    this.#watches.clear();
  }

  #watch(folder: string): void {
    if (this.#watches.has(folder) || this.#polled.has(folder)) return;
    try {
      const watcher = watch(path.join(this.#root, folder), { persistent: false });
      watcher.on('change', (_event, name) => name !== null && this.#event(join(folder, String(name))));
      watcher.on('error', () => this.#drop(folder));
      this.#watches.set(folder, watcher);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (error.code === 'ENOSPC' || error.code === 'EMFILE') this.#startPolling(folder, error);
    }
  }

  #event(changed: string): void {
    if (changed.endsWith(TEMPORARY_SUFFIX)) return;
    this.#note(changed);
  }

  #note(changed: string): void {
    const now = performance.now();
    if (!this.#pending.has(changed)) this.#pending.set(changed, now);
    const oldest = this.#pending.values().next().value ?? now;
    if (this.#flush && now - oldest > LONGEST_MS) return;
    clearTimeout(this.#flush);
    this.#flush = setTimeout(() => void this.#report(), QUIET_MS).unref();
  }

  async #report(): Promise<void> {
    this.#flush = undefined;
    const paths = [...this.#pending.keys()];
    this.#pending.clear();
    await Promise.all(paths.map((changed) => this.#follow(changed)));
    if (!this.#isClosed && paths.length > 0) this.#options.onChange(paths);
  }

  /** Takes up a folder that appeared, also one that replaced another of the same name, and lets go of one that vanished. */
  async #follow(changed: string): Promise<void> {
    if (!this.#options.enter(changed)) return;
    const found = await stat(path.join(this.#root, changed)).catch(() => undefined);
    if (!found?.isDirectory()) return this.#drop(changed);
    this.#drop(changed);
    await this.add(changed, true);
  }

  #drop(folder: string): void {
    for (const [name, watcher] of this.#watches) {
      if (name !== folder && !name.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watches.delete(name);
    }
    this.#polled.delete(folder);
  }

  #startPolling(folder: string, error: Error): void {
    this.#polled.set(folder, new Map());
    if (this.#poll) return;
    this.#options.onPolling?.(error);
    this.#poll = setInterval(() => void this.#pollAll(), POLL_MS).unref();
  }

  async #pollAll(): Promise<void> {
    for (const [folder, known] of this.#polled) {
      const seen = new Map<string, string>();
      for (const name of await readdir(path.join(this.#root, folder)).catch(() => [])) {
        const found = await stat(path.join(this.#root, folder, name)).catch(() => undefined);
        if (found) seen.set(name, `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`);
      }
      for (const name of new Set([...seen.keys(), ...known.keys()])) {
        if (seen.get(name) !== known.get(name)) this.#event(join(folder, name));
      }
      this.#polled.set(folder, seen);
    }
  }
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
