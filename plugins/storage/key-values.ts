import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Fault, Queues, type Author, type Bots, type Home } from 'boternity';
import type { StorageConfig } from './config.ts';
import type { Version } from './history.ts';
import { inBatches, VersionedFolder } from './versioned-folder.ts';

const ENDING = '.json';
/** Names that mean a device to Windows. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/;

export interface KeyValue {
  readonly key: string;
  readonly value: unknown;
  /** Why there is no value: what stands in the file is no JSON. */
  readonly problem?: string | undefined;
  readonly bytes: number;
  readonly changedMs: number;
}

interface Options {
  readonly bots: Bots;
  readonly home: Home;
  readonly config: StorageConfig;
}

/** The key-values of all bots: `data/<slug>/kv/`, a JSON file per key, each with its versions. Bots are named by id. */
export class KeyValues {
  readonly #options: Options;
  readonly #folders = new Map<string, VersionedFolder>();
  readonly #queues = new Queues();

  constructor(options: Options) {
    this.#options = options;
  }

  /** The value of a key. Throws KEY_MISSING, or FILE_INVALID where somebody has spoilt its file. */
  async get(bot: string, key: string): Promise<KeyValue> {
    const found = await this.#read(bot, key, await this.#nameOf(bot, key));
    if (!found) throw missing(key);
    if (found.problem !== undefined)
      throw new Fault('FILE_INVALID', `The file of "${key}" cannot be used: ${found.problem}`);
    return found;
  }

  async set(bot: string, key: string, value: unknown, by: Author): Promise<Version> {
    const { config } = this.#options;
    const content = `${JSON.stringify(value, null, 2)}\n`;
    if (Buffer.byteLength(content) > config.valueKilobytes * 1024)
      throw new Fault('STORAGE_TOO_LARGE', `The value of "${key}" is larger than ${config.valueKilobytes} kB.`);
    return this.#change(bot, async (folder) => {
      const name = await this.#nameOf(bot, key);
      const isNew = !(await folder.find(name));
      if (isNew && (await folder.names()).length >= config.keys)
        throw new Fault('STORAGE_FULL', `The bot has ${config.keys} keys, and no more are taken.`);
      const sha256 = createHash('sha256').update(content).digest('hex');
      return folder.put(name, { content, sha256 }, by);
    });
  }

  async remove(bot: string, key: string, by: Author): Promise<void> {
    await this.#change(bot, async (folder) => {
      const name = await this.#nameOf(bot, key);
      if (!(await folder.find(name))) throw missing(key);
      await folder.remove(name, by);
    });
  }

  async purge(bot: string, key: string): Promise<void> {
    await this.#change(bot, async (folder) => {
      const name = await this.#nameOf(bot, key);
      const { versions, isThere } = await folder.history(name);
      if (!isThere && versions.length === 0) throw missing(key);
      await folder.purge(name);
    });
  }

  async restore(bot: string, key: string, version: number | undefined, by: Author): Promise<Version> {
    return this.#change(bot, async (folder) => {
      const name = await this.#nameOf(bot, key);
      const { versions, isThere } = await folder.history(name);
      if (!isThere && versions.length === 0) throw missing(key);
      return folder.restore(name, version, by);
    });
  }

  /** Versions of a key, oldest first, those whose value is still here with it. Throws KEY_MISSING. */
  async versions(
    bot: string,
    key: string,
  ): Promise<{ versions: { version: Version; value: unknown; isKept: boolean }[]; isThere: boolean }> {
    const folder = this.folder(bot);
    const name = await this.#nameOf(bot, key);
    const { versions, isThere } = await folder.history(name);
    if (versions.length === 0) throw missing(key);
    const read = await inBatches(versions, 16, async (version) => {
      const place = await folder.placeOf(name, version.version).catch(() => undefined);
      const { value } = place ? parsed(await readFile(place.file, 'utf8')) : { value: undefined };
      return { version, value, isKept: place !== undefined };
    });
    return { versions: read, isThere };
  }

  /** Keys with a prefix in the order of their letters, at most `limit` of those behind `after`. */
  async list(
    bot: string,
    { prefix, after, limit }: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
  ): Promise<{ entries: KeyValue[]; more: boolean; total: number }> {
    const known = (await this.folder(bot).names())
      .flatMap((name) => {
        const key = keyOf(name);
        return key !== undefined && key.startsWith(prefix) ? [{ key, name }] : [];
      })
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const behind = after === undefined ? known : known.filter(({ key }) => key > after);
    const entries = await inBatches(behind.slice(0, limit), 32, ({ key, name }) => this.#read(bot, key, name));
    return {
      entries: entries.filter((entry) => entry !== undefined),
      more: behind.length > limit,
      total: known.length,
    };
  }

  folder(bot: string): VersionedFolder {
    const { bots, home, config } = this.#options;
    let folder = this.#folders.get(bot);
    if (!folder) {
      const place = (): string => path.join(home.path, 'data', bots.slugOf(bot), 'kv');
      folder = new VersionedFolder({ place, keep: config.versions, owner: () => bots.owner() });
      this.#folders.set(bot, folder);
    }
    return folder;
  }

  async #read(bot: string, key: string, name: string): Promise<KeyValue | undefined> {
    const folder = this.folder(bot);
    const found = await folder.find(name);
    if (!found) return undefined;
    const { bytes, modifiedMs: changedMs } = found;
    const most = this.#options.config.valueKilobytes * 1024;
    if (bytes > most) return { key, value: null, problem: `it has more than ${most / 1024} kB.`, bytes, changedMs };
    const content = await readFile(path.join(folder.path, name), 'utf8');
    return { key, ...parsed(content), bytes, changedMs };
  }

  /** The file of a key: the one that people made under another spelling where it is there, else as the server spells it. */
  async #nameOf(bot: string, key: string): Promise<string> {
    const name = nameOf(key);
    const folder = this.folder(bot);
    if (await folder.find(name)) return name;
    return (await folder.names()).find((each) => keyOf(each) === key) ?? name;
  }

  #change<T>(bot: string, work: (folder: VersionedFolder) => Promise<T>): Promise<T> {
    return this.#queues.run(bot, async () => {
      try {
        return await work(this.folder(bot));
      } catch (error) {
        throw Fault.from(error);
      }
    });
  }
}

/** The file of a key: small letters, digits and `.-_` stand for themselves, so that no disk mistakes one key for another. */
export function nameOf(key: string): string {
  const plain = Buffer.from(key.normalize('NFC'))
    .toString('latin1')
    .replaceAll(/[^a-z0-9._-]/g, escaped);
  const isSpecial = plain.startsWith('.') || DEVICE.test(plain.split('.', 1)[0] ?? '');
  return `${isSpecial ? escaped(plain[0] ?? '') + plain.slice(1) : plain}${ENDING}`;
}

/** The key that a file stands for; undefined when it stands for none. */
function keyOf(name: string): string | undefined {
  if (!name.endsWith(ENDING) || name.startsWith('.')) return undefined;
  try {
    return decodeURIComponent(name.slice(0, -ENDING.length));
  } catch {
    return undefined;
  }
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function parsed(text: string): { value: unknown; problem?: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { value: null, problem: 'what stands in it is no JSON.' };
  }
}

function missing(key: string): Fault {
  return new Fault('KEY_MISSING', `There is no key ${JSON.stringify(key)}.`);
}
