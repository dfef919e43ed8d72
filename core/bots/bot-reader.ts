import path from 'node:path';
import { Fault } from '../base/fault.ts';
import type { Home } from '../files/home.ts';
import type { Registry } from '../kernel/registry.ts';
import type { BotFolder } from './bot-files.ts';
import type { Bot } from './bot.ts';
import { matches, usable, type Entry, type FileKind, type Problem } from './file-kind.ts';
import type { BotChanged } from './fleet.ts';
import { digestOf, readEntry } from './read-entry.ts';

export interface BotReaderOptions {
  readonly home: Home;
  readonly kinds: Registry<FileKind>;
  readonly id: string;
  readonly slug: string;
  readonly onChange: (change: BotChanged) => void;
}

/** Holds the files of one bot as last read, and reads again what changed. */
export class BotReader {
  readonly #options: BotReaderOptions;
  readonly #entries = new Map<string, Entry<unknown>>();
  #bot: Bot | undefined;
  #reading: Promise<void> = Promise.resolve();

  private constructor(options: BotReaderOptions) {
    this.#options = options;
  }

  static async open(options: BotReaderOptions): Promise<BotReader> {
    const reader = new BotReader(options);
    const paths = await Promise.all([...options.kinds].map(([, kind]) => reader.#pathsOf(kind)));
    await Promise.all(paths.flat().map((file) => reader.#read(file)));
    return reader;
  }

  get bot(): Bot {
    return (this.#bot ??= this.#assemble());
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
      content = await this.#options.home.files.read(`bots/${this.#options.slug}/${file}`);
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
    for (const [key, kind] of this.#options.kinds) if (matches(kind, file)) return key;
    return undefined;
  }

  async #allPaths(): Promise<string[]> {
    return (await Promise.all([...this.#options.kinds].map(([, kind]) => this.#pathsOf(kind)))).flat();
  }

  /** The paths of a kind: the one it names, or all that are there. */
  async #pathsOf(kind: FileKind): Promise<string[]> {
    if (!kind.many) return [kind.pattern];
    const { home, slug } = this.#options;
    let folders = [''];
    const steps = kind.pattern.split('/').length;
    for (let step = 1; step <= steps; step += 1) {
      const wanted = step === steps ? 'file' : 'folder';
      const found = await Promise.all(
        folders.map(async (folder) => {
          const names = await home.files.list(path.posix.join('bots', slug, folder));
          return names.filter((entry) => entry.kind === wanted).map((entry) => path.posix.join(folder, entry.name));
        }),
      );
      const prefix = { ...kind, pattern: kind.pattern.split('/').slice(0, step).join('/') };
      folders = found.flat().filter((place) => matches(prefix, place));
    }
    return folders;
  }

  #assemble(): Bot {
    const { home, id, slug, kinds } = this.#options;
    const files: Record<string, unknown> = {};
    for (const [key, kind] of kinds) {
      const mine = [...this.#entries].filter(([file]) => matches(kind, file));
      files[key] = kind.many ? new Map(mine) : mine[0]?.[1];
    }
    const entries = [...this.#entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return {
      id,
      slug,
      folder: path.join(home.path, 'bots', slug),
      version: digestOf(entries.map((entry) => `${entry.path}\0${entry.digest}\n`).join('')),
      files: files as unknown as BotFolder,
      problems: entries.flatMap((entry) => entry.problems),
    };
  }
}
