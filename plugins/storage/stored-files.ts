import path from 'node:path';
import { Fault, Queues, type Author, type Bots, type Home } from 'boternity';
import { bytesOf, type StorageConfig } from './config.ts';
import type { History, Version } from './history.ts';
import { assertNoTwin, fileName, whyNot } from './names.ts';
import { assertType } from './types.ts';
import { VersionedFolder, type FoundFile, type Source } from './versioned-folder.ts';

export interface StoredFilesOptions {
  readonly bots: Bots;
  readonly home: Home;
  readonly config: StorageConfig;
  /** Hears that something about the files of a bot is not what it was. */
  readonly onChange: (bot: string) => void;
}

/** What lies in the folder of a bot's files. */
export interface Contents {
  readonly files: readonly FoundFile[];
  /** Names that are passed over, and why. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** The files of all bots: `data/<slug>/files/`, each bot with its own limits. Bots are named by id. */
export class StoredFiles {
  readonly #options: StoredFilesOptions;
  readonly #folders = new Map<string, VersionedFolder>();
  /** Changes of one bot come one after the other. */
  readonly #queues = new Queues();
  /** Bytes that uploads have announced, by bot and upload. */
  readonly #announced = new Map<string, Map<string, number>>();

  constructor(options: StoredFilesOptions) {
    this.#options = options;
  }

  folder(bot: string): VersionedFolder {
    const { bots, home, config } = this.#options;
    let folder = this.#folders.get(bot);
    if (!folder) {
      const place = (): string => path.join(home.path, 'data', bots.slugOf(bot), 'files');
      folder = new VersionedFolder({ place, keep: config.versions, owner: () => bots.owner() });
      this.#folders.set(bot, folder);
    }
    return folder;
  }

  async look(bot: string): Promise<Contents> {
    const { files, others } = await this.folder(bot).look();
    const left = others.map((name) => ({ name, why: 'folders and links are passed over' }));
    const named = Map.groupBy(files, ({ name }) =>
      whyNot(name) === undefined && name === name.normalize('NFC') ? 'good' : 'bad',
    );
    for (const { name } of named.get('bad') ?? [])
      left.push({ name, why: whyNot(name) ?? 'its accents are written apart' });
    return { files: named.get('good') ?? [], left };
  }

  /** A file that is there. Throws FILE_MISSING. */
  async find(bot: string, name: string): Promise<FoundFile> {
    const found = whyNot(name) === undefined ? await this.folder(bot).find(name) : undefined;
    if (!found) throw missing(name);
    return found;
  }

  /** Versions of a file that is there, or of which versions are kept. Throws FILE_MISSING. */
  async history(bot: string, name: string): Promise<History & { readonly kept: ReadonlySet<number> }> {
    if (whyNot(name) !== undefined) throw missing(name);
    const folder = this.folder(bot);
    const history = await folder.history(name);
    if (!history.isThere && history.versions.length === 0) throw missing(name);
    const kept = await folder.keptVersions(name);
    const last = history.versions.at(-1);
    if (history.isThere && last) kept.add(last.version);
    return { ...history, kept };
  }

  /** Where a version lies. Throws FILE_MISSING, also for a file that was deleted where no version is named, and VERSION_MISSING. */
  async placeOf(bot: string, name: string, version?: number): Promise<{ file: string; version: Version }> {
    if (version === undefined) await this.find(bot, name);
    else await this.history(bot, name);
    return this.folder(bot).placeOf(name, version);
  }

  /** Throws STORAGE_NAME_REFUSED, STORAGE_TOO_LARGE or STORAGE_FULL where a file cannot be taken. Gives the name as it is kept. */
  async admit(bot: string, given: string, bytes: number): Promise<string> {
    const { config } = this.#options;
    const name = fileName(given);
    if (bytes > bytesOf(config.fileMegabytes))
      throw new Fault('STORAGE_TOO_LARGE', `"${name}" is larger than ${config.fileMegabytes} MB.`);
    const folder = this.folder(bot);
    const { files } = await folder.look();
    assertNoTwin(
      name,
      files.map((file) => file.name),
    );
    if (files.length >= config.files && !files.some((file) => file.name === name))
      throw new Fault('STORAGE_FULL', `The bot has ${config.files} files, and no more are taken.`);
    const announced = [...(this.#announced.get(bot)?.values() ?? [])];
    const used = [...files.map((file) => file.bytes), ...announced, await folder.olderBytes()];
    if (used.reduce((sum, each) => sum + each, bytes) > bytesOf(config.quotaMegabytes))
      throw new Fault(
        'STORAGE_FULL',
        `With "${name}" the bot would have more than ${config.quotaMegabytes} MB of files.`,
      );
    return name;
  }

  /** Counts what an upload will need, until it is undone by 0 bytes. */
  announce(bot: string, upload: string, bytes: number): void {
    const announced = this.#announced.get(bot) ?? new Map<string, number>();
    if (bytes > 0) announced.set(upload, bytes);
    else announced.delete(upload);
    this.#announced.set(bot, announced);
  }

  /** Takes a content as a file, in place of the one with this name. Throws as `admit` does, and STORAGE_TYPE_WRONG. */
  async put(bot: string, given: string, source: Source & { readonly bytes: number }, by: Author): Promise<Version> {
    return this.#change(bot, async (folder) => {
      const name = await this.admit(bot, given, source.bytes);
      await assertType(name, 'file' in source ? source.file : Buffer.from(source.content));
      return folder.put(name, source, by);
    });
  }

  async restore(bot: string, name: string, version: number | undefined, by: Author): Promise<Version> {
    return this.#change(bot, async (folder) => {
      await this.history(bot, name);
      const { version: wanted } = await folder.placeOf(name, version);
      await this.admit(bot, name, wanted.bytes);
      return folder.restore(name, wanted.version, by);
    });
  }

  async remove(bot: string, name: string, by: Author): Promise<void> {
    await this.find(bot, name);
    await this.#change(bot, (folder) => folder.remove(name, by));
  }

  async purge(bot: string, name: string): Promise<void> {
    await this.history(bot, name);
    await this.#change(bot, (folder) => folder.purge(name));
  }

  #change<T>(bot: string, work: (folder: VersionedFolder) => Promise<T>): Promise<T> {
    return this.#queues.run(bot, async () => {
      try {
        return await work(this.folder(bot));
      } catch (error) {
        throw Fault.from(error);
      } finally {
        this.#options.onChange(bot);
      }
    });
  }
}

function missing(name: string): Fault {
  return new Fault(
    'FILE_MISSING',
    `There is no file ${JSON.stringify(name.slice(0, 100))} in the storage of this bot.`,
  );
}
