import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Author, Change } from '../base/author.ts';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import { Queues } from '../base/queues.ts';
import { createDiskFiles, makeFolder, syncFolder } from '../files/disk.ts';
import type { Repositories, Repository } from '../files/git/repository.ts';
import type { Home } from '../files/home.ts';
import type { Registry } from '../kernel/registry.ts';
import { BotIds } from './bot-ids.ts';
import type { BotAsRead } from './bot-reader.ts';
import type { Bot } from './bot.ts';
import type { FileKind } from './file-kind.ts';
import { KeptBot } from './kept-bot.ts';
import { readSeal, removeSeal } from './seal.ts';

/** A file of a bot is not what it was: changed, new or gone. */
export interface BotChanged {
  readonly bot: string;
  readonly slug: string;
  /** Key of the file kind. */
  readonly kind: string;
  /** Path from the bot folder. */
  readonly path: string;
}

/** The folder of a bot has another name. */
export interface BotRenamed {
  readonly bot: string;
  readonly from: string;
  readonly to: string;
}

export interface FleetOptions {
  readonly home: Home;
  readonly kinds: Registry<FileKind>;
  readonly repositories: Repositories;
  readonly onChange: (change: BotChanged) => void;
  /** Something of a bot may have changed, also what is no file of a kind. */
  readonly onTouch: (slug: string) => void;
  readonly onRename: (renamed: BotRenamed) => void;
  /** A bot came or went. */
  readonly onList: () => void;
  readonly owner: () => Author;
  readonly whyWait: (bot: BotAsRead) => string | undefined;
  readonly quietMs: number;
}

/** Bots that are read side by side. */
const READ_AT_ONCE = 8;

/** All bots of a home. A bot is read when it is first asked for; afterwards only changed files are read again. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #ids: BotIds;
  readonly #slugs = new Set<string>();
  readonly #followed = new Set<string>();
  readonly #kept = new Map<string, Promise<KeptBot>>();
  readonly #memories = new Queues();
  #cover: (folder: string) => Promise<void> = () => Promise.resolve();
  #listing: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: FleetOptions, ids: BotIds) {
    this.#options = options;
    this.#ids = ids;
  }

  static async open(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options, await BotIds.load(options.home));
    await fleet.#readList(false);
    return fleet;
  }

  /** Follows edits on disk through the given watch; the folders are taken up in the background. */
  follow(cover: (folder: string) => Promise<void>): void {
    this.#cover = cover;
    void this.#coverAll().catch((error: unknown) =>
      this.#options.home.log.error('Not every bot folder is watched', { error }),
    );
  }

  get slugs(): string[] {
    return [...this.#slugs].toSorted();
  }

  /** Slug and id of a bot, given one of them; empty when there is no such bot. */
  namesOf(reference: string): readonly string[] {
    const slug = this.#slugs.has(reference) ? reference : this.#ids.slugOf(reference);
    return slug !== undefined && this.#slugs.has(slug) ? [slug, this.#ids.of(slug)] : [];
  }

  /** The slug of a bot that is named by slug or id. Throws BOT_MISSING. */
  slugOf(reference: string): string {
    const [slug] = this.namesOf(reference);
    if (slug === undefined) throw new Fault('BOT_MISSING', `There is no bot "${reference}".`);
    return slug;
  }

  /** The id of a bot by its slug. */
  idOf(slug: string): string {
    return this.#ids.of(slug);
  }

  /** The bot with this slug or id, as its folder is now. Throws BOT_MISSING. */
  async get(reference: string): Promise<Bot> {
    return (await this.keeper(reference)).bot;
  }

  async all(): Promise<Bot[]> {
    const bots: Bot[] = [];
    const { slugs } = this;
    // A few at a time: opening thousands of files at once costs memory that is not given back.
    for (let at = 0; at < slugs.length; at += READ_AT_ONCE) {
      const some = slugs.slice(at, at + READ_AT_ONCE).map(async (slug) => (await this.#keep(slug)).bot);
      bots.push(...(await Promise.all(some)));
    }
    return bots;
  }

  /** A bot for one look; one that nobody uses is not kept for it. */
  async glance(slug: string): Promise<Bot> {
    const known = this.#kept.get(slug);
    if (known) return (await known).bot;
    const kept = await this.#read(slug);
    await kept.close();
    return kept.bot;
  }

  /** Whether edits in the folder of a bot are seen from now on. */
  isFollowed(slug: string): boolean {
    return this.#followed.has(slug);
  }

  /** The one that keeps a bot: its files in force, its history, its seal. Throws BOT_MISSING. */
  async keeper(reference: string): Promise<KeptBot> {
    return this.#keep(this.slugOf(reference));
  }

  /** The repository of a bot, or that of its memory, which lies inside its folder. Nothing is read. */
  repository(reference: string, branch: 'main' | 'memory'): Repository {
    const slug = this.slugOf(reference);
    const { home, repositories } = this.#options;
    const folder = path.join(home.path, 'bots', slug);
    const id = this.#ids.of(slug);
    return branch === 'main'
      ? repositories.of(folder, id)
      : repositories.of(path.join(folder, 'memory'), `${id}.memory`, 'memory');
  }

  /** Works with the repository of a bot's memory, which is made when it is absent; one work at a time. */
  async withMemory<T>(reference: string, work: (repository: Repository) => Promise<T>): Promise<T> {
    const slug = this.slugOf(reference);
    return this.#memories.run(slug, async () => {
      const repository = this.repository(slug, 'memory');
      if (!(await repository.exists())) await repository.init();
      return work(repository);
    });
  }

  /** In whose name edits on disk are committed now. */
  get owner(): Author {
    return this.#options.owner();
  }

  /**
   * Makes a bot folder with these files (path → content) and its first commit in one step: it is there whole, or not at all.
   * `executables` are the paths among them that can be run. Throws BOT_EXISTS.
   */
  async create(
    slug: string,
    contents: ReadonlyMap<string, string | Uint8Array>,
    { by, why }: Change,
    executables: readonly string[] = [],
  ): Promise<Bot> {
    const commit = await this.#staged(slug, async (staging, id) => {
      const files = createDiskFiles(staging);
      for (const [file, content] of contents) await files.write(file, content);
      for (const file of executables) await chmod(path.join(staging, file), 0o755);
      return this.#firstCommit(staging, id, contents, { by, why });
    });
    const kept = await this.#keep(slug);
    return kept.begin(by, commit);
  }

  /** Takes a prepared folder, repository and all, as a bot. It is moved away from where it lies. Throws BOT_EXISTS. */
  async adopt(slug: string, folder: string, by: Author): Promise<Bot> {
    await this.#staged(slug, async (staging) => {
      await rm(staging, { recursive: true });
      await rename(folder, staging);
    });
    const kept = await this.#keep(slug);
    const standing = await kept.repository.standing();
    return kept.begin(by, standing.head);
  }

  /** Removes the folder of a bot for good; it vanishes in one step. */
  async remove(slug: string): Promise<void> {
    const { home } = this.#options;
    const id = this.#ids.of(slug);
    const kept = await this.#kept.get(slug)?.catch(() => undefined);
    const grave = path.join(home.path, '.boternity', 'staging', createId());
    await makeFolder(path.dirname(grave));
    await rename(path.join(home.path, 'bots', slug), grave).catch(rethrow);
    await syncFolder(path.join(home.path, 'bots'));
    await kept?.close();
    this.#forget(slug);
    this.#ids.forget(slug);
    await this.#ids.save();
    await removeSeal(home.files, id);
    await rm(grave, { recursive: true, force: true });
    this.#options.onList();
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
      if (!this.#slugs.has(slug)) continue;
      this.#options.onTouch(slug);
      const inside = touched.map((changed) => changed.slice(`bots/${slug}/`.length)).filter((each) => each !== '');
      const kept = await (this.#kept.get(slug) ?? this.#ifUsed(slug))?.catch(() => undefined);
      if (inside.length > 0) await kept?.changed(inside);
    }
  }

  /** Reads everything again, for when the file kinds are not what they were. */
  async rereadAll(): Promise<void> {
    for (const keeping of this.#kept.values()) await (await keeping.catch(() => undefined))?.reread();
  }

  /** The keepers of the bots that are read, by slug. */
  get keepers(): ReadonlyMap<string, Promise<KeptBot>> {
    return this.#kept;
  }

  /** Ends when nothing is written any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(Array.from(this.#kept.values(), async (keeping) => (await keeping).close()));
    await this.#memories.settled();
  }

  /** Prepares a folder beside the bots and moves it to its place in one step. */
  async #staged<T>(slug: string, prepare: (staging: string, id: string) => Promise<T>): Promise<T> {
    const { home } = this.#options;
    const folder = path.join(home.path, 'bots', slug);
    const staging = path.join(home.path, '.boternity', 'staging', createId());
    await mkdir(staging, { recursive: true }).catch(rethrow);
    let prepared: T;
    try {
      prepared = await prepare(staging, this.#ids.of(slug));
      await makeFolder(path.dirname(folder));
      const taken = new Fault('BOT_EXISTS', `There is a bot folder "${slug}" already.`);
      if (await exists(folder)) throw taken;
      await rename(staging, folder).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? taken : Fault.from(error);
      });
      await syncFolder(path.dirname(folder));
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
    await this.#ids.save();
    this.#slugs.add(slug);
    this.#options.onList();
    return prepared;
  }

  async #firstCommit(
    folder: string,
    id: string,
    contents: ReadonlyMap<string, string | Uint8Array>,
    { by, why }: Change,
  ): Promise<string | undefined> {
    const { home, repositories } = this.#options;
    const repository = repositories.of(folder, id);
    try {
      await repository.init();
      return await repository.commit(contents, { author: by, message: why });
    } catch (error) {
      home.log.warn('A new bot has no history yet', { error });
      return undefined;
    }
  }

  /** One reading after the other, so that a rename is seen as one. */
  #readList(tell = true): Promise<void> {
    const reading = this.#listing.then(() => this.#readListNow(tell));
    this.#listing = reading.catch(() => undefined);
    return reading;
  }

  async #readListNow(tell: boolean): Promise<void> {
    const found = await this.#options.home.files.list('bots');
    const slugs = new Set(
      found.filter((entry) => entry.kind === 'folder' && !entry.name.startsWith('.')).map((entry) => entry.name),
    );
    const isSame = slugs.size === this.#slugs.size && [...slugs].every((slug) => this.#slugs.has(slug));
    if (isSame) return;
    const vanished = this.#ids.slugs.filter((slug) => !slugs.has(slug));
    for (const slug of this.#slugs) if (!slugs.has(slug)) this.#forget(slug);
    for (const slug of slugs) {
      if (!this.#ids.has(slug) && vanished.length > 0) await this.#takeOver(slug, vanished);
      this.#slugs.add(slug);
      this.#ids.of(slug);
      if (tell) void this.#follow(slug).catch(() => undefined);
    }
    await this.#ids.save();
    if (tell) this.#options.onList();
  }

  /** A folder with the first commit of one that vanished is that bot under another name. */
  async #takeOver(slug: string, vanished: readonly string[]): Promise<void> {
    const { home, repositories, onRename } = this.#options;
    const repository = repositories.of(path.join(home.path, 'bots', slug), createId());
    const root = await rootOf(repository).catch(() => undefined);
    if (root === undefined) return;
    for (const from of vanished) {
      const bot = this.#ids.of(from);
      const seal = await readSeal(home.files, bot, () => undefined);
      if (seal?.root !== root) continue;
      this.#ids.rename(from, slug);
      const [old, now] = [from, slug].map((name) => path.join(home.path, 'data', name)) as [string, string];
      if ((await exists(old)) && !(await exists(now))) await rename(old, now).catch(rethrow);
      home.log.info('A bot folder was renamed', { bot, from, to: slug });
      return onRename({ bot, from, to: slug });
    }
  }

  #forget(slug: string): void {
    void this.#kept.get(slug)?.then(
      (kept) => kept.close(),
      () => undefined,
    );
    this.#slugs.delete(slug);
    this.#followed.delete(slug);
    this.#kept.delete(slug);
  }

  /** The keeper of a bot that was used before; one that never was has nothing to commit yet. */
  #ifUsed(slug: string): Promise<KeptBot | undefined> {
    return readSeal(this.#options.home.files, this.#ids.of(slug), () => undefined).then((seal) =>
      seal ? this.#keep(slug) : undefined,
    );
  }

  #keep(slug: string): Promise<KeptBot> {
    const known = this.#kept.get(slug);
    if (known) return known;
    const opening = this.#open(slug);
    this.#kept.set(slug, opening);
    opening.catch(() => this.#kept.delete(slug));
    return opening;
  }

  async #open(slug: string): Promise<KeptBot> {
    await this.#follow(slug);
    return this.#read(slug);
  }

  async #follow(slug: string): Promise<void> {
    await this.#cover(`bots/${slug}`);
    if (this.#slugs.has(slug)) this.#followed.add(slug);
  }

  #read(slug: string): Promise<KeptBot> {
    const { home, kinds, onChange, onTouch, owner, whyWait, quietMs } = this.#options;
    const id = this.#ids.of(slug);
    const repository = this.repository(slug, 'main');
    return KeptBot.open({ home, kinds, id, slug, repository, onChange, onTouch, owner, whyWait, quietMs });
  }

  async #coverAll(): Promise<void> {
    for (const slug of this.slugs) {
      if (this.#isClosed) return;
      await this.#follow(slug);
      await breathe();
    }
  }
}

/** The first commit of a history; undefined without one. */
async function rootOf(repository: Repository): Promise<string | undefined> {
  if (!(await repository.exists())) return undefined;
  return (await repository.log({ limit: 100_000 })).at(-1)?.id;
}

const exists = async (place: string): Promise<boolean> => (await stat(place).catch(() => undefined)) !== undefined;

function rethrow(error: unknown): never {
  throw Fault.from(error);
}
