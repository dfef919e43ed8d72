import type { ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CatFiles } from './cat-files.ts';
import type { GitObject, NamedObject } from './codec.ts';
import { checked, readLooseObject, writeLooseObjects, type ObjectStore } from './objects.ts';

const ENTRY_BYTES_MAX = 128 << 10;

/** Trees and commits that were read lately, of all repositories, within a budget of bytes. */
export class ObjectCache {
  readonly #objects = new Map<string, GitObject>();
  readonly #most: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  get(key: string): GitObject | undefined {
    const found = this.#objects.get(key);
    if (!found) return undefined;
    this.#objects.delete(key);
    this.#objects.set(key, found);
    return found;
  }

  set(key: string, object: GitObject): void {
    if (object.kind === 'blob' || object.content.length > ENTRY_BYTES_MAX || this.#objects.has(key)) return;
    // A slice would keep all of what it was cut from, and a small buffer the whole pool that it shares with others.
    const content = Buffer.allocUnsafeSlow(object.content.length);
    content.set(object.content);
    this.#objects.set(key, { kind: object.kind, content });
    this.#bytes += object.content.length + 200;
    for (const [oldest, { content }] of this.#objects) {
      if (this.#bytes <= this.#most) return;
      this.#objects.delete(oldest);
      this.#bytes -= content.length + 200;
    }
  }
}

export interface BotObjectsOptions {
  /** Names the child and the part of the cache. */
  readonly key: string;
  /** Written to, and read from first. */
  readonly folder: string;
  readonly others?: readonly string[];
  readonly cats: CatFiles;
  readonly cache: ObjectCache;
  /** Starts a `git cat-file --batch` that sees all these folders. */
  readonly startCat: () => Promise<ChildProcess>;
}

/** Objects of a repository: loose ones are read here, packed ones by a child of git. */
export class BotObjects implements ObjectStore {
  readonly #options: BotObjectsOptions;

  constructor(options: BotObjectsOptions) {
    this.#options = options;
  }

  async read(id: string): Promise<GitObject | undefined> {
    const { key, cache } = this.#options;
    const known = cache.get(`${key}:${id}`);
    if (known) return known;
    const found = (await this.#readLoose(id)) ?? (await this.#readPacked(id));
    if (found) cache.set(`${key}:${id}`, found);
    return found;
  }

  async write(objects: Iterable<NamedObject>): Promise<void> {
    const { key, folder, cache } = this.#options;
    const all = [...objects];
    await writeLooseObjects(folder, all);
    for (const object of all) cache.set(`${key}:${object.id}`, { kind: object.kind, content: object.content });
  }

  /** Full id of the commit that a full or short id leads to. */
  async findCommit(prefix: string): Promise<string | undefined> {
    const { key, cats, startCat } = this.#options;
    return (await cats.read(key, `${prefix}^{commit}`, startCat))?.id;
  }

  async #readLoose(id: string): Promise<GitObject | undefined> {
    for (const folder of this.#folders) {
      const found = await readLooseObject(folder, id);
      if (found) return found;
    }
    return undefined;
  }

  async #readPacked(id: string): Promise<GitObject | undefined> {
    const { key, cats, startCat } = this.#options;
    const found = (await this.#hasPacks()) ? await cats.read(key, id, startCat) : undefined;
    return found && checked(id, found);
  }

  /** A young repository has none: nothing needs to be started to know what is not there. */
  async #hasPacks(): Promise<boolean> {
    const names = await Promise.all(this.#folders.map((folder) => readdir(path.join(folder, 'pack')).catch(() => [])));
    return names.flat().some((name) => name.endsWith('.pack'));
  }

  get #folders(): string[] {
    return [this.#options.folder, ...(this.#options.others ?? [])];
  }
}
