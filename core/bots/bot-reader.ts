import path from 'node:path';
import { Fault } from '../base/fault.ts';
import type { Registry } from '../kernel/registry.ts';
import type { BotFolder } from './bot-files.ts';
import type { Bot } from './bot.ts';
import { matches, usable, type Entry, type FileKind, type Problem } from './file-kind.ts';
import type { BotChanged } from './fleet.ts';
import { digestOf, readEntry } from './read-entry.ts';
import type { Source } from './source.ts';

export interface BotReaderOptions {
  readonly kinds: Registry<FileKind>;
  readonly id: string;
  readonly slug: string;
  /** Absolute path of its folder. */
  readonly folder: string;
  readonly onChange: (change: BotChanged) => void;
}

/** A bot as its files say, before anybody asks what of it is in force. */
export type BotAsRead = Omit<Bot, 'waiting'>;

/** Holds the files of one bot as last read, and reads again what changed. */
export class BotReader {
  readonly #options: BotReaderOptions;
  readonly #entries = new Map<string, Entry<unknown>>();
  #source: Source;
  #bot: BotAsRead | undefined;
  #reading: Promise<void> = Promise.resolve();

  private constructor(options: BotReaderOptions, source: Source) {
    this.#options = options;
    this.#source = source;
  }

  static async open(options: BotReaderOptions, source: Source): Promise<BotReader> {
    const reader = new BotReader(options, source);
    await Promise.all((await reader.#allPaths()).map((file) => reader.#read(file)));
    return reader;
  }

  get bot(): BotAsRead {
    return (this.#bot ??= this.#assemble());
  }

  /** Forgets what was read and reads it again, for when the kinds are not what they were. */
  async reread(): Promise<void> {
    this.#entries.clear();
    this.#bot = undefined;
    await Promise.all((await this.#allPaths()).map((file) => this.#read(file)));
    this.#bot = undefined;
  }

  /** Reads from somewhere else from now on, and tells what is different there. */
  turnTo(source: Source): Promise<void> {
    this.#source = source;
    return this.refresh(['']);
  }

  /** Reads these paths (files or folders, from the bot folder) again and tells what is different. One refresh at a time. */
  refresh(paths: readonly string[]): Promise<void> {
    const done = this.#reading.then(() => this.#refresh(paths));
    this.#reading = done.catch(() => undefined);
    return done;
  }

  async #refresh(paths: readonly string[]): Promise<void> {
    const isWhole = paths.includes('');
    const known = isWhole ? [...this.#entries.keys(), ...(await this.#allPaths())] : paths;
    for (const file of new Set(known)) {
      const kind = this.#kindOf(file);
      if (!kind || !(await this.#read(file))) continue;
      this.#bot = undefined;
      this.#options.onChange({ bot: this.#options.id, slug: this.#options.slug, kind, path: file });
    }
  }

  /** Reads a file into its entry; false when it is as it was. */
  async #read(file: string): Promise<boolean> {
    const key = this.#kindOf(file);
    const kind = key === undefined ? undefined : this.#options.kinds.get(key);
    if (!kind) return false;
    const before = this.#entries.get(file);
    let content: Buffer | undefined;
    try {
      content = await this.#source.read(file);
    } catch (error) {
      return this.#unreadable(file, Fault.from(error), before);
    }
    if (!content) return this.#gone(file, kind, before);
    if (before?.digest === digestOf(content)) return false;
    this.#entries.set(file, await readEntry(kind, file, content, usable(before)));
    return true;
  }

  /** What cannot be read (no right to, a folder, a link that leads out) is a problem of this bot alone. */
  #unreadable(file: string, fault: Fault, before: Entry<unknown> | undefined): boolean {
    const digest = `unreadable ${fault.code}`;
    if (before?.digest === digest) return false;
    this.#fail(file, digest, `${file} cannot be read: ${fault.message}`, before);
    return true;
  }

  #fail(file: string, digest: string, message: string, before: Entry<unknown> | undefined): void {
    const last = usable(before);
    const problems: Problem[] = [{ file, line: 1, column: 1, level: 'error', message }];
    this.#entries.set(file, { ok: false, path: file, digest, problems, ...(last !== undefined && { last }) });
  }

  /** A required file that vanished is a problem and keeps its last good version; any other is simply absent. */
  #gone(file: string, kind: FileKind, before: Entry<unknown> | undefined): boolean {
    if (!kind.required) return this.#entries.delete(file);
    if (before?.digest === '') return false;
    this.#fail(file, '', `${file} is missing; create it: a bot needs it to talk`, before);
    return true;
  }

  #kindOf(file: string): string | undefined {
    for (const [key, kind] of this.#options.kinds) if (kind.held && matches(kind, file)) return key;
    return undefined;
  }

  async #allPaths(): Promise<string[]> {
    return (await Promise.all([...this.#options.kinds].map(([, kind]) => this.#pathsOf(kind)))).flat();
  }

  /** The paths of a kind: the one it names, or all that are there. */
  async #pathsOf(kind: FileKind): Promise<string[]> {
    if (!kind.held) return [];
    if (!kind.many) return [kind.pattern];
    let folders = [''];
    const steps = kind.pattern.split('/').length;
    for (let step = 1; step <= steps; step += 1) {
      const wanted = step === steps ? 'file' : 'folder';
      const found = await Promise.all(
        folders.map(async (folder) => {
          const names = await this.#source.list(folder);
          return names.filter((entry) => entry.kind === wanted).map((entry) => path.posix.join(folder, entry.name));
        }),
      );
      const prefix = { ...kind, pattern: kind.pattern.split('/').slice(0, step).join('/') };
      folders = found.flat().filter((place) => matches(prefix, place));
    }
    return folders;
  }

  #assemble(): BotAsRead {
    const { folder, id, slug, kinds } = this.#options;
    const files: Record<string, unknown> = {};
    for (const [key, kind] of kinds) {
      if (!kind.held) continue;
      const mine = [...this.#entries].filter(([file]) => matches(kind, file));
      files[key] = kind.many ? new Map(mine) : mine[0]?.[1];
    }
    const entries = [...this.#entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return {
      id,
      slug,
      folder,
      version: digestOf(entries.map((entry) => `${entry.path}\0${entry.digest}\n`).join('')),
      files: files as unknown as BotFolder,
      problems: entries.flatMap((entry) => entry.problems),
    };
  }
}
