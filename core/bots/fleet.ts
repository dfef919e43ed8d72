import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import { createDiskFiles, makeFolder, syncFolder } from '../files/disk.ts';
import { editFile } from '../files/edit-file.ts';
import type { Home } from '../files/home.ts';
import type { Registry } from '../kernel/registry.ts';
import { BotIds } from './bot-ids.ts';
import type { Bot } from './bot.ts';
import { matches, type FileKind } from './file-kind.ts';
import { readEntry } from './read-entry.ts';
import { BotReader } from './bot-reader.ts';

/** A file of a bot is not what it was: changed, new or gone. */
export interface BotChanged {
  readonly bot: string;
  readonly slug: string;
  /** Key of the file kind. */
  readonly kind: string;
  /** Path from the bot folder. */
  readonly path: string;
}

export interface FleetOptions {
  readonly home: Home;
  readonly kinds: Registry<FileKind>;
  readonly onChange: (change: BotChanged) => void;
  /** A bot came or went. */
  readonly onList: () => void;
}

/** Bots that are read side by side. */
const READ_AT_ONCE = 8;

/** All bots of a home. A bot is read when it is first asked for; afterwards only changed files are read again. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #ids: BotIds;
  readonly #slugs = new Set<string>();
  readonly #readers = new Map<string, Promise<BotReader>>();
  #cover: (folder: string) => Promise<void> = () => Promise.resolve();

  private constructor(options: FleetOptions, ids: BotIds) {
    this.#options = options;
    this.#ids = ids;
  }

  static async open(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options, await BotIds.load(options.home.files));
    await fleet.#readList(false);
    return fleet;
  }

  /** Follows edits on disk through the given watch. */
  follow(cover: (folder: string) => Promise<void>): void {
    this.#cover = cover;
  }

  get slugs(): string[] {
    return [...this.#slugs].toSorted();
  }

  /** The bot with this slug or id, as its folder is now. Throws BOT_MISSING. */
  async get(reference: string): Promise<Bot> {
    const slug = this.#slugs.has(reference) ? reference : this.#ids.slugOf(reference);
    if (slug === undefined || !this.#slugs.has(slug)) throw new Fault('BOT_MISSING', `There is no bot "${reference}".`);
    return (await this.#reader(slug)).bot;
  }

  async all(): Promise<Bot[]> {
    const bots: Bot[] = [];
    const { slugs } = this;
    // A few at a time: opening thousands of files at once costs memory that is not given back.
    for (let at = 0; at < slugs.length; at += READ_AT_ONCE) {
      const some = slugs.slice(at, at + READ_AT_ONCE).map(async (slug) => (await this.#reader(slug)).bot);
      bots.push(...(await Promise.all(some)));
    }
    return bots;
  }

  /**
   * Makes a bot folder with these files (path → content) in one step: it is there whole, or not at all. Throws BOT_EXISTS.
   */
  async create(slug: string, contents: ReadonlyMap<string, string | Uint8Array>): Promise<Bot> {
    const { home } = this.#options;
    const staging = path.join(home.path, '.boternity', 'staging', createId());
    await mkdir(staging, { recursive: true }).catch(rethrow);
    try {
      const files = createDiskFiles(staging);
      for (const [file, content] of contents) await files.write(file, content);
      await this.adopt(slug, staging);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
    return this.get(slug);
  }

  /** Makes a whole folder of this home's disk the bot of this name, in one step. Throws BOT_EXISTS. */
  async adopt(slug: string, staging: string): Promise<void> {
    const folder = path.join(this.#options.home.path, 'bots', slug);
    await makeFolder(path.dirname(folder));
    const taken = new Fault('BOT_EXISTS', `There is a bot folder "${slug}" already.`);
    if (await exists(folder)) throw taken;
    await rename(staging, folder).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? taken : Fault.from(error);
    });
    await syncFolder(path.dirname(folder));
    this.#ids.of(slug);
    await this.#ids.save();
    this.#slugs.add(slug);
    this.#options.onList();
  }

  /** Reads these paths of a bot again. */
  async refresh(slug: string, paths: readonly string[]): Promise<void> {
    await (await this.#reader(slug)).refresh(paths);
  }

  /** Removes the folder of a bot for good; it vanishes in one step. */
  async remove(slug: string): Promise<void> {
    const { home } = this.#options;
    const grave = path.join(home.path, '.boternity', 'staging', createId());
    await makeFolder(path.dirname(grave));
    await rename(path.join(home.path, 'bots', slug), grave).catch(rethrow);
    await syncFolder(path.join(home.path, 'bots'));
    this.#forget(slug);
    this.#ids.forget(slug);
    await this.#ids.save();
    await rm(grave, { recursive: true, force: true });
    this.#options.onList();
  }

  /**
   * Changes a file of a bot and gives the bot with it. Changes of one file follow each other. One that would break the file, or
   * add a key that nobody knows, is refused with FILE_INVALID or INPUT_INVALID, and nothing is changed.
   */
  async edit(slug: string, file: string, edit: (text: string) => string | Promise<string>): Promise<Bot> {
    const { home, kinds } = this.#options;
    const kind = [...kinds].map(([, each]) => each).find((each) => matches(each, file));
    await editFile(home.files, `bots/${slug}/${file}`, (text) => checkedEdit(kind, file, text, edit));
    const reader = await this.#reader(slug);
    await reader.refresh([file]);
    return reader.bot;
  }

  /** Takes up what a watch saw; paths are relative to the home. */
  async changed(paths: readonly string[]): Promise<void> {
    const perBot = Map.groupBy(
      paths.filter((changed) => changed === 'bots' || changed.startsWith('bots/')),
      (changed) => changed.split('/')[1] ?? '',
    );
    const mayBeNew = [...perBot].some(([slug, touched]) => touched.includes(`bots/${slug}`) || !this.#slugs.has(slug));
    if (mayBeNew) await this.#readList();
    for (const [slug, touched] of perBot) {
      const reader = await this.#readers.get(slug)?.catch(() => undefined);
      await reader?.refresh(touched.map((changed) => changed.slice(`bots/${slug}/`.length)));
    }
  }

  /** Forgets what was read, for when the file kinds are not what they were. */
  rereadAll(): void {
    this.#readers.clear();
  }

  async #readList(tell = true): Promise<void> {
    const found = await this.#options.home.files.list('bots');
    const slugs = new Set(
      found.filter((entry) => entry.kind === 'folder' && !entry.name.startsWith('.')).map((entry) => entry.name),
    );
    const isSame = slugs.size === this.#slugs.size && [...slugs].every((slug) => this.#slugs.has(slug));
    if (isSame) return;
    for (const slug of this.#slugs) if (!slugs.has(slug)) this.#forget(slug);
    for (const slug of slugs) {
      this.#slugs.add(slug);
      this.#ids.of(slug);
    }
    await this.#ids.save();
    if (tell) this.#options.onList();
  }

  #forget(slug: string): void {
    this.#slugs.delete(slug);
    this.#readers.delete(slug);
  }

  #reader(slug: string): Promise<BotReader> {
    const known = this.#readers.get(slug);
    if (known) return known;
    const { home, kinds, onChange } = this.#options;
    const id = this.#ids.of(slug);
    const opening = (async () => {
      await this.#cover(`bots/${slug}`);
      return BotReader.open({ home, kinds, id, slug, onChange });
    })();
    this.#readers.set(slug, opening);
    opening.catch(() => this.#readers.delete(slug));
    return opening;
  }
}

async function checkedEdit(
  kind: FileKind | undefined,
  file: string,
  before: string,
  edit: (text: string) => string | Promise<string>,
): Promise<string> {
  const problemsIn = async (text: string) =>
    kind ? (await readEntry(kind, file, Buffer.from(text), undefined)).problems : [];
  const old = await problemsIn(before);
  const broken = old.find((problem) => problem.level === 'error');
  if (broken)
    throw new Fault('FILE_INVALID', `${file}:${broken.line} is broken and cannot be changed: ${broken.message}.`);
  const after = await edit(before);
  const known = new Set(old.map((problem) => problem.message));
  const fresh = (await problemsIn(after)).filter((problem) => !known.has(problem.message));
  if (fresh.length === 0) return after;
  const details = fresh.map(({ line, message }) => ({ path: `${file}:${line}`, message }));
  throw new Fault('INPUT_INVALID', `${file} cannot be changed so: ${details[0]?.message}. Nothing was changed.`, {
    details,
  });
}

async function exists(place: string): Promise<boolean> {
  return stat(place).then(
    () => true,
    () => false,
  );
}

function rethrow(error: unknown): never {
  throw Fault.from(error);
}
