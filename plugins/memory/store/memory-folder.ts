import { Fault, type Bots, type Home } from 'boternity';
import { readMemory, written, type Memory } from '../memory-file.ts';

/** Files in one folder of a day; more continue in `<day>.2`, `<day>.3`, … */
const FOLDER_LIMIT = 1_000;
/** Folders and files of memories, relative to the folder `memory`. */
const DAY = /^\d{4}-\d\d-\d\d(\.\d+)?$/;
const FILE = /^(\d{4}-\d\d-\d\d(?:\.\d+)?)\/([^/]+)\.json$/;

/** A memory and its file, relative to the folder `memory`. */
export interface Kept {
  readonly memory: Memory;
  readonly path: string;
  /** Tells whether the file has changed since. */
  readonly stamp: string;
}

/** A memory file that cannot be read. */
export interface Broken {
  readonly path: string;
  readonly stamp: string;
  readonly why: string;
}

/** Where the memory files of one bot lie. Paths are relative to its folder `memory`. */
export class MemoryFolder {
  readonly #bots: Bots;
  readonly #home: Home;
  readonly #bot: string;
  /** Folder → how many files it holds. */
  readonly #counts = new Map<string, number>();

  /** `bot` is an id: the folder may get another name. */
  constructor(bots: Bots, home: Home, bot: string) {
    this.#bots = bots;
    this.#home = home;
    this.#bot = bot;
  }

  /** The path of a file from the home. */
  place(path = ''): string {
    return `bots/${this.#bots.slugOf(this.#bot)}/memory${path === '' ? '' : `/${path}`}`;
  }

  /** A path for a new memory of this time, in the first folder of its day that has room. */
  async newPath(id: string, at: Date): Promise<string> {
    const day = at.toISOString().slice(0, 10);
    for (let number = 1; ; number += 1) {
      const folder = number === 1 ? day : `${day}.${number}`;
      if (!this.#counts.has(folder)) {
        const { length } = await this.#home.files.list(this.place(folder));
        if (!this.#counts.has(folder)) this.#counts.set(folder, length);
      }
      const count = this.#counts.get(folder) ?? 0;
      if (count >= FOLDER_LIMIT) continue;
      this.#counts.set(folder, count + 1);
      return `${folder}/${id}.json`;
    }
  }

  /** Writes a memory; it is on disk when this answers. Gives the text and the stamp of the file. */
  async write(path: string, memory: Memory): Promise<{ readonly text: string; readonly stamp: string }> {
    const text = written(memory);
    await this.#home.files.write(this.place(path), text);
    return { text, stamp: (await this.stampOf(path)) ?? '' };
  }

  async remove(path: string): Promise<void> {
    await this.#home.files.remove(this.place(path));
  }

  /** Undefined when there is no such file. */
  async stampOf(path: string): Promise<string | undefined> {
    const stat = await this.#home.files.stat(this.place(path));
    return stat?.kind === 'file' ? `${stat.size}-${stat.modifiedMs}-${stat.inode}` : undefined;
  }

  /** Undefined when there is no such file. `known` is its stamp, where changes are followed and it need not be looked up. */
  async read(path: string, known?: string): Promise<Kept | Broken | undefined> {
    const stamp = known ?? (await this.stampOf(path));
    if (stamp === undefined) return undefined;
    const bytes = await this.#home.files.read(this.place(path)).catch((error: unknown) => Fault.from(error));
    if (bytes === undefined) return undefined;
    if (bytes instanceof Fault) return { path, stamp, why: bytes.message };
    const found = readMemory(bytes.toString('utf8'), idIn(path) ?? '');
    return 'memory' in found ? { path, stamp, memory: found.memory } : { path, stamp, why: found.why };
  }

  /** The paths of all memory files, a folder at a time, by day. */
  async *paths(): AsyncGenerator<string[]> {
    const folders = (await this.#home.files.list(this.place())).filter(
      ({ name, kind }) => kind === 'folder' && DAY.test(name),
    );
    for (const { name: folder } of folders) {
      const files = await this.#home.files.list(this.place(folder));
      this.#counts.set(folder, files.length);
      yield files.flatMap(({ name, kind }) => (kind === 'file' && name.endsWith('.json') ? `${folder}/${name}` : []));
    }
  }
}

/** The id of the memory that a path names; undefined when it names none. */
export function idIn(path: string): string | undefined {
  return FILE.exec(path)?.[2];
}
