import { setTimeout as sleep } from 'node:timers/promises';
import {
  createId,
  Fault,
  Queues,
  system,
  type Author,
  type Bots,
  type Change,
  type Home,
  type IndexEntry,
  type IndexedEntry,
  type MemoryIndex,
} from 'boternity';
import type { GivenMemory, Memory } from '../memory-file.ts';
import { AtHand } from './at-hand.ts';
import { Batches } from './batches.ts';
import { Diary, isDiary } from './diary.ts';
import { entryOf, inOrder } from './entry.ts';
import { Uses, type Use } from './uses.ts';
import { idIn, MemoryFolder, type Broken, type Kept } from './memory-folder.ts';

/** Files that are read and indexed together. */
const TOGETHER = 200;
/** So many memories are compared with their files in a moment. */
const FEW = 2_000;

export interface BotMemoryParts {
  readonly bots: Bots;
  readonly home: Home;
  readonly index: MemoryIndex;
  /** Hears of a file that cannot be read, once for each version of it. */
  readonly onBroken: (broken: Broken) => void;
  /** Hears which memories the index holds anew, or no more. */
  readonly onChange: (ids: readonly string[]) => void;
  /** Hears what became of files: those that are new or changed, and ids of those that are gone. */
  readonly onSeen: (kept: readonly Kept[], gone: readonly string[]) => void;
  /** Whether what it remembers from now on is written into its diary too. */
  readonly hasDiary: () => Promise<boolean>;
}

/**
 * The memory of one bot: files that people may edit, their history, and an index that follows the files. All changes go one after the
 * other; what answered is on disk and found.
 */
export class BotMemory implements AsyncDisposable {
  readonly bot: string;
  readonly index: MemoryIndex;
  readonly #parts: BotMemoryParts;
  readonly #folder: MemoryFolder;
  readonly #batches: Batches;
  readonly #diary: Diary;
  readonly #queue = new Queues();
  /** Path → stamp of the broken version that was told. */
  readonly #told = new Map<string, string>();
  readonly #uses: Uses;
  readonly #atHand = new AtHand();
  #synced: Promise<void> | undefined;
  /** How many entries the index had when it was first asked. */
  #kept: Promise<number> | undefined;
  #isReady = false;
  #isEmpty = false;

  /** `bot` is an id. */
  constructor(bot: string, parts: BotMemoryParts) {
    const { bots, home } = parts;
    this.bot = bot;
    this.index = parts.index;
    this.#parts = parts;
    this.#folder = new MemoryFolder(bots, home, bot);
    this.#batches = new Batches(bots, home, bot, (path) => this.#folder.place(path));
    this.#diary = new Diary(home, this.#folder, this.#batches);
    this.#uses = new Uses((uses) => this.#noteUses(uses));
  }

  /** What the bot is called in commits. */
  get name(): string {
    return this.#parts.bots.slugOf(this.bot);
  }

  /** Whether there is surely nothing that it could find. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Memories of the highest importance, oldest first. */
  vital(): Promise<Kept[]> {
    return this.read(this.#atHand.vital);
  }

  /** Memories that their files call shared. */
  async shared(): Promise<Kept[]> {
    await this.synced();
    return this.read(this.#atHand.shared);
  }

  /** How many there are, and how many are left out of it: what has expired and, unless it is wanted, what was replaced. */
  async count(withSuperseded: boolean): Promise<{ readonly total: number; readonly leftOut: number }> {
    const { entries } = await this.index.info();
    const leftOut = this.#atHand.passed(withSuperseded);
    return { total: entries - leftOut, leftOut };
  }

  /**
   * Settles when it can be asked: a few memories are compared with their files first; of many, what the index kept since the last time
   * answers meanwhile.
   */
  async ready(): Promise<void> {
    if (this.#isReady) return;
    const synced = this.synced();
    if (((await this.#kept) ?? 0) <= FEW) await synced;
    this.#isReady = true;
  }

  /** The same; nobody waits longer than so many milliseconds, and for nothing that fails. */
  async readyWithin(patienceMs: number): Promise<void> {
    if (this.#isReady) return;
    await Promise.race([this.ready(), sleep(patienceMs, undefined, { ref: false })]).catch(() => undefined);
  }

  /** Settles when the index holds what the files say, as they were when it was first asked. */
  synced(): Promise<void> {
    this.#synced ??= this.#sync().catch((error: unknown) => {
      this.#synced = undefined;
      throw error;
    });
    return this.#synced;
  }

  /** Keeps something from now on. */
  create(given: GivenMemory, change: Change): Promise<Kept> {
    return this.#inTurn(() => this.#create(given, change));
  }

  /** Keeps something in the place of others, which are kept for history and recalled no more. Those that are not there are passed over. */
  replace(old: readonly string[], given: GivenMemory, change: Change): Promise<Kept> {
    return this.#inTurn(async () => {
      const found = (await Promise.all(old.map((id) => this.#find(id)))).filter((kept) => kept !== undefined);
      const supersedes = found.map(({ memory }) => memory.id);
      const kept = await this.#create({ ...given, ...(supersedes.length > 0 && { supersedes }) }, change);
      for (const { memory, path } of found)
        await this.#keep(path, inOrder({ ...memory, superseded_by: kept.memory.id }), change.by, change.why);
      return kept;
    });
  }

  /** Changes a memory as `edit` says. Throws MEMORY_MISSING. */
  change(id: string, edit: (memory: Memory) => Memory, { by, why }: Change): Promise<Kept> {
    return this.#inTurn(async () => {
      const { memory, path, stamp } = await this.#read(id);
      const next = edit(memory);
      return next === memory ? { memory, path, stamp } : this.#keep(path, inOrder(next), by, why);
    });
  }

  /** Removes memories for good; what is not there is passed over. Gives those that were. */
  forget(ids: readonly string[], { by, why }: Change): Promise<Kept[]> {
    return this.#inTurn(async () => {
      const gone: Kept[] = [];
      for (const id of ids) {
        const kept = await this.#find(id);
        if (!kept) continue;
        this.#batches.expect(kept.path);
        await this.#folder.remove(kept.path);
        this.#batches.add({ path: kept.path, text: undefined, by, why });
        gone.push(kept);
      }
      const removed = gone.map(({ memory }) => memory.id);
      await this.#remove(removed);
      if (removed.length > 0) this.#parts.onChange(removed);
      return gone;
    });
  }

  /** Throws MEMORY_MISSING. */
  async get(id: string): Promise<Kept> {
    return this.#read(id);
  }

  /** Those of the ids that are there, in their order. */
  async several(ids: readonly string[]): Promise<Kept[]> {
    return ids.length === 0 ? [] : this.read(await this.index.get(ids));
  }

  /** The memories of entries that the index gave just now, in their order; of those that are gone since, none. */
  async read(entries: readonly (IndexedEntry | undefined)[]): Promise<Kept[]> {
    const found = await Promise.all(
      entries.map(async (entry) => (entry ? this.#folder.read(entry.source, entry.stamp) : undefined)),
    );
    return found.filter((kept): kept is Kept => kept !== undefined && 'memory' in kept);
  }

  /** Takes up what a watch saw; paths are relative to the folder `memory`. */
  async changed(paths: readonly string[]): Promise<void> {
    // Before the first question nobody has an index that could be wrong.
    if (!this.#synced) return;
    const files = paths.filter((path) => !isDiary(path));
    for (const path of paths) if (isDiary(path) && path.endsWith('.md')) this.#batches.addEdit(path);
    if (files.some((path) => idIn(path) === undefined)) {
      this.#synced = undefined;
      return this.synced();
    }
    for (let at = 0; at < files.length; at += TOGETHER)
      await this.#inTurn(() => this.#takeUp(files.slice(at, at + TOGETHER), { isEdit: true, isNews: true }));
  }

  /** What memories say, by their ids. */
  async texts(ids: readonly string[]): Promise<Map<string, string>> {
    return new Map((await this.several(ids)).map(({ memory: { id, text } }) => [id, text]));
  }

  /** These were recalled. Their files say so some minutes later. */
  used(ids: readonly string[], at: number): void {
    this.#uses.add(ids, at);
  }

  /** Brings what waits into history now. */
  commit(): Promise<void> {
    return this.#batches.commit();
  }

  /** Ends, with nothing brought into history: the folder is gone. */
  async letGo(): Promise<void> {
    this.#batches.drop();
    await this.#queue.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#uses.flush();
    await this.#queue.settled();
    await this.#batches.close();
  }

  /** The path of a memory file from the bot's folder. */
  fileOf({ path }: Pick<Kept, 'path'>): string {
    return `memory/${path}`;
  }

  async #create(given: GivenMemory, { by, why }: Change): Promise<Kept> {
    const now = new Date();
    const id = createId(now.getTime());
    const memory: Memory = { id, source: {}, ...given, created_at: now.toISOString(), uses: 0 };
    const kept = await this.#keep(await this.#folder.newPath(id, now), inOrder(memory), by, why);
    if (await this.#parts.hasDiary()) await this.#diary.note(kept.memory, by, why);
    return kept;
  }

  async #keep(path: string, memory: Memory, by: Author, why: string): Promise<Kept> {
    this.#batches.expect(path);
    const { text, stamp } = await this.#folder.write(path, memory);
    const kept = { memory, path, stamp };
    await this.#put([entryOf(kept)]);
    this.#parts.onChange([memory.id]);
    this.#parts.onSeen([kept], []);
    this.#batches.add({ path, text, by, why });
    return kept;
  }

  async #noteUses(uses: ReadonlyMap<string, Use>): Promise<void> {
    for (const [id, { count, last }] of uses)
      await this.#inTurn(async () => {
        const kept = await this.#find(id);
        if (!kept) return;
        const { memory, path } = kept;
        const noted = { ...memory, uses: memory.uses + count, last_used_at: new Date(last).toISOString() };
        await this.#keep(path, inOrder(noted), system, 'Note what was recalled');
      });
  }

  async #read(id: string): Promise<Kept> {
    const kept = await this.#find(id);
    if (!kept) throw new Fault('MEMORY_MISSING', `This bot has no memory "${id}".`);
    return kept;
  }

  async #find(id: string): Promise<Kept | undefined> {
    const [entry] = await this.index.get([id]);
    const found = entry && (await this.#folder.read(entry.source));
    return found && 'memory' in found ? found : undefined;
  }

  /** Compares all files with the index: those that are new or changed are read, those that are gone are taken out. */
  async #sync(): Promise<void> {
    const isFirst = this.#kept === undefined;
    const looked = this.#look();
    this.#kept ??= looked.then(
      ({ size }) => size,
      () => 0,
    );
    const known = await looked;
    // What was changed while nothing ran is brought into history with all that lies there uncommitted.
    const how = { isEdit: !isFirst, isNews: !isFirst || known.size > 0 };
    for await (const paths of this.#folder.paths()) {
      const differing: string[] = [];
      for (let at = 0; at < paths.length; at += TOGETHER) {
        const part = paths.slice(at, at + TOGETHER);
        const stamps = await Promise.all(part.map((path) => this.#folder.stampOf(path)));
        for (const [number, path] of part.entries()) {
          if (known.get(path) !== stamps[number]) differing.push(path);
          known.delete(path);
        }
      }
      for (let at = 0; at < differing.length; at += TOGETHER)
        await this.#inTurn(() => this.#takeUp(differing.slice(at, at + TOGETHER), how));
    }
    // What came in while the folders were listed stands in none of the lists.
    const gone = [...known.keys()];
    for (let at = 0; at < gone.length; at += TOGETHER)
      await this.#inTurn(() => this.#takeUp(gone.slice(at, at + TOGETHER), how));
    await this.#inTurn(async () => {
      const { entries } = await this.index.info();
      this.#isEmpty = entries === 0;
    });
  }

  /** Path → stamp of all that the index holds. */
  async #look(): Promise<Map<string, string>> {
    const known = new Map<string, string>();
    for await (const entries of this.index.entries())
      for (const entry of entries) {
        known.set(entry.source, entry.stamp);
        this.#atHand.see(entry);
      }
    return known;
  }

  /** Makes the index agree with these files. An edit by hand is brought into history in the owner's name. */
  async #takeUp(paths: readonly string[], { isEdit, isNews }: { isEdit: boolean; isNews: boolean }): Promise<void> {
    const ids = paths.map((path) => idIn(path) ?? '');
    const entries = await this.index.get(ids);
    const found = await Promise.all(paths.map((path) => this.#folder.read(path)));
    const put: IndexEntry[] = [];
    const seen: Kept[] = [];
    const remove: string[] = [];
    for (const [at, path] of paths.entries()) {
      const now = found[at];
      const entry = entries[at];
      if (now?.stamp === entry?.stamp && entry?.source === path) continue;
      if (now && 'why' in now) this.#tell(now);
      else if (now) {
        put.push(entryOf(now));
        seen.push(now);
      } else if (entry?.source === path) remove.push(ids[at] ?? '');
      // A broken one waits until it is mended.
      if (isEdit && !(now && 'why' in now)) this.#batches.addEdit(path);
    }
    if (put.length > 0) await this.#put(put);
    if (remove.length > 0) await this.#remove(remove);
    if (seen.length > 0) this.#parts.onSeen(seen, []);
    const taken = [...put.map(({ id }) => id), ...remove];
    if (isNews && taken.length > 0) this.#parts.onChange(taken);
  }

  async #put(entries: readonly IndexEntry[]): Promise<void> {
    this.#isEmpty = false;
    await this.index.put(entries);
    for (const entry of entries) this.#atHand.see(entry);
  }

  async #remove(ids: readonly string[]): Promise<void> {
    await this.index.remove(ids);
    for (const id of ids) this.#atHand.forget(id);
    if (ids.length > 0) this.#parts.onSeen([], ids);
  }

  #tell(broken: Broken): void {
    if (this.#told.get(broken.path) === broken.stamp) return;
    this.#told.set(broken.path, broken.stamp);
    this.#parts.onBroken({ ...broken, path: this.#folder.place(broken.path) });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run('', work);
  }
}
