import { Queues, settingsOf, type Bots, type IndexedEntry, type Log, type MemoryIndex } from 'boternity';
import type { Asked, BotMemory, Elsewhere, FoundElsewhere, Kept, Memories } from '../memory/index.ts';
import { entryOf, isOf, mark, marked, placeOf, SHARED_INDEX } from './entry.ts';
import type { Ledger } from './ledger.ts';
import { Screener } from './screening/screen.ts';
import { standingOf } from './standing.ts';
import { authorOf, type SharedOne } from './shared-one.ts';

export interface SharedMemoriesParts {
  readonly bots: Bots;
  readonly memories: Memories;
  readonly index: MemoryIndex;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly hasMemory: (slug: string) => Promise<boolean>;
}

/** Least relevance of what comes to mind by itself. */
const LEAST = 0.3;

/**
 * What bots share, found by those who may see it. Files of the authors are the truth: an index follows them, and whatever is found is read
 * and checked once more before anybody is given it.
 */
export class SharedMemories implements Elsewhere, AsyncDisposable {
  readonly bot = undefined;
  readonly index: MemoryIndex;
  readonly #parts: SharedMemoriesParts;
  readonly #screener = new Screener();
  readonly #queue = new Queues();
  /** Id in the index → stamp of the file; marks of bots that were surveyed have none. */
  #known: Promise<Map<string, string>> | undefined;
  #survey: Promise<void> | undefined;

  constructor(parts: SharedMemoriesParts) {
    this.#parts = parts;
    this.index = parts.index;
  }

  // What memories tell while they are open.

  opened(memory: BotMemory): void {
    this.#later(() => this.#compare(memory));
  }

  changed(bot: string, kept: readonly Kept[], gone: readonly string[]): void {
    const put = kept.filter(isOffered);
    const ids = [...gone, ...kept.filter((each) => !isOffered(each)).map(({ memory }) => memory.id)];
    this.#later(async () => {
      await this.#remove(ids.map((id) => `${bot}/${id}`));
      await this.#put(bot, put);
    });
  }

  /** Forgets what bots shared that are no more. */
  keepOnly(slugs: readonly string[]): void {
    // Whoever asks first reads files, and finds those missing.
    if (!this.#known) return;
    const ids = new Set(slugs.map((slug) => this.#parts.bots.idOf(slug)));
    this.#later(async () => {
      const known = await this.#ids();
      await this.#remove([...known.keys()].filter((id) => !ids.has(placeOf(id).bot)));
    });
  }

  /** Settles when the index has taken in what it was told so far. */
  async settled(): Promise<void> {
    await this.#queue.run('', async () => undefined);
  }

  async search(reader: string, asked: Asked, signal?: AbortSignal): Promise<FoundElsewhere[]> {
    const trusted = await this.#trustedBy(reader);
    const accepts = (entry: IndexedEntry): boolean => {
      const { bot } = placeOf(entry.id);
      if (isOf(entry, mark) || bot === reader) return false;
      if (!isOf(entry, 'public') && !this.#parts.bots.namesOf(bot).some((name) => trusted.has(name))) return false;
      return asked.accepts?.(entry) ?? true;
    };
    // What fades or is held back leaves room for others.
    const wanted = { ...asked, accepts, limit: 2 * asked.limit };
    const { found } = await this.#parts.memories.find({ bot: reader, index: this.index }, wanted, signal);
    const given = await Promise.all(
      found.map(async ({ entry, relevance, score, words }) => {
        const one = await this.#one(entry);
        if (!one || !this.isVisible(one, reader, trusted)) return [];
        const { weight } = one.standing;
        return [asFound(one, { relevance: relevance * weight, score: score * weight, words })];
      }),
    );
    return given
      .flat()
      .toSorted((a, b) => b.score - a.score)
      .slice(0, asked.limit);
  }

  /** As `search`, for what nobody asked for: only that of which one can be fairly sure. */
  async comesToMind(reader: string, asked: Asked): Promise<FoundElsewhere[]> {
    const found = (await this.search(reader, asked)).filter(({ relevance }) => relevance >= LEAST);
    const candidates = found.map((each) =>
      Object.assign(each, { text: each.memory.text, at: Date.parse(each.memory.created_at) }),
    );
    return this.#parts.memories.sure(asked.text, candidates);
  }

  async get(reader: string, id: string): Promise<FoundElsewhere | undefined> {
    const known = await this.#ids();
    const trusted = await this.#trustedBy(reader);
    for (const key of known.keys()) {
      if (!key.endsWith(`/${id}`)) continue;
      const [entry] = await this.index.get([key]);
      const one = entry && (await this.#one(entry));
      if (one && this.isVisible(one, reader, trusted)) return asFound(one, { relevance: 1, score: 1, words: [] });
    }
    return undefined;
  }

  /** Everything that files call shared, what is in quarantine too, by author and time. */
  async all(): Promise<SharedOne[]> {
    await this.surveyed();
    const found: SharedOne[] = [];
    for await (const entries of this.index.entries())
      for (const entry of entries.filter((each) => !isOf(each, mark))) {
        const one = await this.#one(entry);
        if (one) found.push(one);
      }
    return found.toSorted((a, b) => (a.author.slug + a.memory.id < b.author.slug + b.memory.id ? -1 : 1));
  }

  /** Those that a bot sees of others. */
  async visibleTo(reader: string): Promise<SharedOne[]> {
    const trusted = await this.#trustedBy(reader);
    return (await this.all()).filter((one) => one.author.id !== reader && this.isVisible(one, reader, trusted));
  }

  /** What a memory of a bot is now, as its file says; undefined when that calls it private. */
  async one(author: string, kept: Kept): Promise<SharedOne | undefined> {
    if (!kept.memory.shared) return undefined;
    const standing = await standingOf(kept.memory, author, { ledger: this.#parts.ledger, screener: this.#screener });
    return { ...kept, shared: kept.memory.shared, standing, author: await authorOf(this.#parts.bots, author) };
  }

  /** Whether a bot is given a memory of another. */
  isVisible({ standing, shared, author }: SharedOne, reader: string, trusted: ReadonlySet<string>): boolean {
    if (standing.state !== 'shared' || author.id === reader) return false;
    return shared.trust === 'public' || trusted.has(author.id) || trusted.has(author.slug);
  }

  /** How many each author shares, by id. */
  async counts(): Promise<Map<string, number>> {
    const keys = [...(await this.#ids()).keys()].filter(
      (id) => placeOf(id).memory !== '' && this.#parts.bots.namesOf(placeOf(id).bot).length > 0,
    );
    return new Map([...Map.groupBy(keys, (id) => placeOf(id).bot)].map(([bot, ids]) => [bot, ids.length]));
  }

  /** Looks through the memories of bots that the index knows nothing of; once, then it follows. */
  surveyed(): Promise<void> {
    return (this.#survey ??= this.#surveyAll()
      .then(() => this.settled())
      .catch((error: unknown) => {
        this.#survey = undefined;
        throw error;
      }));
  }

  async texts(ids: readonly string[]): Promise<Map<string, string>> {
    const entries = await this.index.get(ids);
    const kept = await Promise.all(entries.map(async (entry) => (entry ? this.#read(entry) : undefined)));
    return new Map(kept.flatMap((each, at) => (each ? [[ids[at] ?? '', each.memory.text]] : [])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#survey?.catch(() => undefined);
    await this.#queue.settled();
  }

  /** The entry's file as it is now. One that is gone, or private again, leaves the index. */
  async #one(entry: IndexedEntry): Promise<SharedOne | undefined> {
    const kept = await this.#read(entry);
    const one = kept && isOffered(kept) ? await this.one(placeOf(entry.id).bot, kept) : undefined;
    if (!one) this.#later(() => this.#remove([entry.id]));
    return one;
  }

  async #read({ id, source }: IndexedEntry): Promise<Kept | undefined> {
    const { bot, memory } = placeOf(id);
    if (memory === '' || this.#parts.bots.namesOf(bot).length === 0) return undefined;
    const kept = await this.#parts.memories.read(bot, source);
    return kept && 'memory' in kept ? kept : undefined;
  }

  async #trustedBy(reader: string): Promise<Set<string>> {
    return new Set(settingsOf(await this.#parts.bots.get(reader)).memory.trusted_bots);
  }

  #ids(): Promise<Map<string, string>> {
    return (this.#known ??= this.#readIds().catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    }));
  }

  async #readIds(): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    for await (const entries of this.index.entries()) for (const { id, stamp } of entries) ids.set(id, stamp);
    return ids;
  }

  async #compare(memory: BotMemory): Promise<void> {
    const { bot } = memory;
    const known = await this.#ids();
    const kept = (await memory.shared()).filter(isOffered);
    const now = new Set(kept.map(({ memory: { id } }) => `${bot}/${id}`));
    await this.#remove(
      [...known.keys()].filter((id) => placeOf(id).bot === bot && placeOf(id).memory !== '' && !now.has(id)),
    );
    await this.#put(
      bot,
      kept.filter(({ memory: { id }, stamp }) => known.get(`${bot}/${id}`) !== stamp),
    );
    if (known.has(bot)) return;
    await this.index.put([marked(bot)]);
    known.set(bot, '');
  }

  async #put(bot: string, kept: readonly Kept[]): Promise<void> {
    if (kept.length === 0) return;
    const known = await this.#ids();
    await this.index.put(kept.map((each) => entryOf(bot, each)));
    for (const { memory, stamp } of kept) known.set(`${bot}/${memory.id}`, stamp);
    for (const each of kept) await this.#tell(bot, each);
    this.#parts.memories.embed(this);
  }

  async #remove(ids: readonly string[]): Promise<void> {
    const known = await this.#ids();
    const gone = ids.filter((id) => known.has(id));
    if (gone.length === 0) return;
    await this.index.remove(gone);
    for (const id of gone) known.delete(id);
  }

  /** A change by hand of something that was shared is told, and noted. */
  async #tell(bot: string, kept: Kept): Promise<void> {
    const { ledger, log } = this.#parts;
    const one = await this.one(bot, kept);
    const sharing = ledger.of(bot, kept.memory.id);
    if (!one || one.standing.state === 'shared' || sharing?.held !== '') return;
    const why = one.standing.reasons.join('; ');
    const { author, shared, memory } = one;
    log.warn(`A memory of ${author.slug} is not given to other bots any more: ${why}`, {
      bot: author.slug,
      memory: memory.id,
    });
    const actor = { kind: 'program' as const, id: 'boternity', name: 'Boternity' };
    await ledger.note({ action: 'quarantine', actor, bot, memory: memory.id, hash: shared.hash, why });
  }

  async #surveyAll(): Promise<void> {
    const { bots, memories, hasMemory } = this.#parts;
    const known = await this.#ids();
    for (const slug of bots.slugs) {
      const id = bots.idOf(slug);
      if (known.has(id)) continue;
      if (!(await hasMemory(slug))) continue;
      const memory = await memories.of(id);
      await this.#queue.run('', () => this.#compare(memory));
    }
  }

  #later(work: () => Promise<void>): void {
    void this.#queue
      .run('', work)
      .catch((error: unknown) =>
        this.#parts.log.error('What bots share could not be brought up to date', { index: SHARED_INDEX, error }),
      );
  }
}

/** Whether others may be given it at all: what was replaced is kept for history alone. */
function isOffered({ memory }: Kept): boolean {
  return memory.shared !== undefined && memory.superseded_by === undefined;
}

function asFound(
  { memory, path, author }: SharedOne,
  fit: Pick<FoundElsewhere, 'relevance' | 'score' | 'words'>,
): FoundElsewhere {
  const { source: _source, triggers: _triggers, shared: _shared, supersedes: _supersedes, ...told } = memory;
  return { memory: { ...told, source: { bot: author.id } }, path: `memory/${path}`, author, ...fit };
}
