import { settingsOf, type Bots, type Change, type Home, type Log } from 'boternity';
import type { MemoryIndexes } from '../memory-index/index.ts';
import type { ChosenEmbedder } from '../models/index.ts';
import { questionOf, type Question } from './recall/question.ts';
import { QuestionVectors } from './recall/question-vectors.ts';
import { recall, type RecallOptions } from './recall/recall.ts';
import type { Ranked } from './recall/rank.ts';
import type { Elsewhere, FoundElsewhere } from './elsewhere.ts';
import { sure, type Candidate } from './recall/sure.ts';
import type { GivenMemory } from './memory-file.ts';
import { News } from './news.ts';
import { BotMemory } from './store/bot-memory.ts';
import { Embedding, type Embedded } from './store/embedding.ts';
import { MemoryFolder, type Broken, type Kept } from './store/memory-folder.ts';

/** Memories that are compared with one that may be the same, and words of it by which they are found. */
const LIKELY = 5;
const MOST_COMPARED = 32;

/** Memories of a bot were learned, changed or removed. */
export interface MemoryChanged {
  readonly bot: { readonly id: string; readonly slug: string };
  readonly ids: readonly string[];
}

declare module 'boternity' {
  interface Events {
    'memory.changed': MemoryChanged;
  }
}

export interface MemoriesParts {
  readonly bots: Bots;
  readonly home: Home;
  readonly indexes: MemoryIndexes;
  readonly embedder: () => ChosenEmbedder | undefined;
  readonly tell: (fact: MemoryChanged) => void;
}

/** What is asked of a bot's memory. */
export interface Asked extends Omit<RecallOptions, 'vector' | 'now'> {
  readonly text: string;
  /** What was said before it, latest first. */
  readonly before?: readonly string[];
  readonly conversation?: string;
  readonly now?: Date;
}

/** Somebody who hears of changes in the memories that are open. */
export interface Follower {
  /** A bot's memory was read, and is followed from now on. */
  opened(memory: BotMemory): void;
  /** Files of a bot's memory are new or changed, and these ids are gone. */
  changed(bot: string, kept: readonly Kept[], gone: readonly string[]): void;
}

/** The memories of all bots, each opened when it is first used. */
export class Memories implements AsyncDisposable {
  readonly #parts: MemoriesParts;
  readonly #log: Log;
  readonly #open = new Map<string, BotMemory>();
  readonly #embedding: Embedding;
  readonly #questions = new QuestionVectors();
  readonly #news: News;
  readonly #followers = new Set<Follower>();
  readonly #elsewhere = new Set<Elsewhere>();
  readonly #cover: (folder: string) => Promise<void>;

  constructor(parts: MemoriesParts) {
    this.#parts = parts;
    this.#log = parts.home.log;
    this.#embedding = new Embedding(parts.embedder, this.#log);
    this.#news = new News((id, ids) => {
      const [slug] = parts.bots.namesOf(id);
      if (slug !== undefined) parts.tell({ bot: { id, slug }, ids });
    });
    const { cover } = parts.home.watch({
      enter: (folder) => this.#isFollowed(folder),
      onChange: (paths) => this.#changed(paths),
    });
    this.#cover = cover;
  }

  /** The memory of a bot, named by slug or id. Throws BOT_MISSING. */
  async of(reference: string): Promise<BotMemory> {
    const id = this.#parts.bots.idOf(reference);
    const known = this.#open.get(id);
    if (known) return known;
    const { bots, home, indexes } = this.#parts;
    const memory = new BotMemory(id, {
      bots,
      home,
      index: indexes.of(`${id}/memories`),
      onBroken: ({ path: file, why }) =>
        home.log.warn(`${file} is no memory: ${why}. What it said before counts`, { file }),
      onSeen: (kept, gone) => this.#followers.forEach((follower) => follower.changed(id, kept, gone)),
      hasDiary: async () => settingsOf(await bots.get(id)).memory.diary,
      onChange: (ids) => {
        this.#embedding.want(memory);
        this.#news.add(id, ids);
      },
    });
    this.#open.set(id, memory);
    await this.#follow(id);
    void memory.synced().then(
      () => {
        this.#embedding.want(memory);
        this.#followers.forEach((follower) => follower.opened(memory));
      },
      (error: unknown) => this.#log.error('Memories could not be read', { bot: id, error }),
    );
    return memory;
  }

  /** Finds what a bot remembers of something, best first. */
  recall(memory: BotMemory, asked: Asked, signal?: AbortSignal): Promise<{ question: Question; found: Ranked[] }> {
    return this.find(memory, asked, signal);
  }

  /** Finds what an index holds of something, best first; `bot` is in whose name it is looked for. */
  async find(
    { bot, index }: Pick<BotMemory, 'bot' | 'index'>,
    asked: Asked,
    signal?: AbortSignal,
  ): Promise<{ question: Question; found: Ranked[] }> {
    const { text, before, conversation, now = new Date(), ...options } = asked;
    const question = questionOf(text, { now, analyser: this.#parts.indexes, ...(before && { before }) });
    const vector = await this.#vectorOf(bot, text, conversation, signal);
    return { question, found: await recall(index, question, { ...options, now, vector }) };
  }

  /** What a bot may see of the memories of others and what fits, best first. */
  async elsewhere(reader: string, asked: Asked, signal?: AbortSignal): Promise<FoundElsewhere[]> {
    const found = await Promise.all(Array.from(this.#elsewhere, (place) => place.search(reader, asked, signal)));
    return found
      .flat()
      .toSorted((a, b) => b.relevance - a.relevance)
      .slice(0, asked.limit);
  }

  /** A memory of another bot that this one may see. */
  async oneElsewhere(reader: string, id: string): Promise<FoundElsewhere | undefined> {
    const found = await Promise.all(Array.from(this.#elsewhere, (place) => place.get(reader, id)));
    return found.find((each) => each !== undefined);
  }

  /** Has bots look into another place too, until what it gives is called. */
  lookInto(place: Elsewhere): () => void {
    this.#elsewhere.add(place);
    return () => void this.#elsewhere.delete(place);
  }

  /** Tells of the memories that are open and of what changes in them, until what it gives is called. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    for (const memory of this.#open.values())
      void memory.synced().then(
        () => follower.opened(memory),
        () => undefined,
      );
    return () => void this.#followers.delete(follower);
  }

  /** Gives the entries of another index their vectors, in the background. */
  embed(embedded: Embedded): void {
    this.#embedding.want(embedded);
  }

  /** A memory file as it is now, without opening the memory that it belongs to. */
  read(bot: string, path: string): Promise<Kept | Broken | undefined> {
    return new MemoryFolder(this.#parts.bots, this.#parts.home, bot).read(path);
  }

  /** Of what was found, what answers a question for sure. */
  sure<C extends Candidate>(text: string, found: readonly C[]): C[] {
    return sure(text, found, this.#parts.indexes);
  }

  /** Keeps something unless the bot knows it already; then that is given, at least as important as what was said now. */
  async learn(memory: BotMemory, given: GivenMemory, change: Change): Promise<Kept> {
    const known = await this.sameAs(memory, given.text);
    if (!known) return memory.create(given, change);
    if (known.memory.importance >= given.importance) return known;
    return memory.change(known.memory.id, (before) => ({ ...before, importance: given.importance }), change);
  }

  /** The memory that says the same as a text, in the same words but for their order and endings. */
  async sameAs(memory: BotMemory, text: string): Promise<Kept | undefined> {
    const words = new Set(this.#parts.indexes.analyse(text));
    const terms = Array.from(words, (word) => ({ word }));
    const hits = await memory.index.words(terms.slice(0, MOST_COMPARED), { limit: LIKELY });
    const kept = await memory.read(hits.map(({ entry }) => entry));
    return kept.find(({ memory: { text: other, superseded_by } }) => {
      if (superseded_by !== undefined) return false;
      const others = new Set(this.#parts.indexes.analyse(other));
      return words.size > 0 ? words.symmetricDifference(others).size === 0 : other.trim() === text.trim();
    });
  }

  /** These were recalled just now. Files are told later, many uses at once. */
  async used(memory: BotMemory, ids: readonly string[]): Promise<void> {
    const now = Date.now();
    const entries = await memory.index.get(ids);
    await Promise.all(
      entries.map(async (entry) => {
        if (entry) await memory.index.touch(entry.id, { uses: entry.uses + 1, usedAt: now });
      }),
    );
    memory.used(ids, now);
  }

  /** The folder of a bot has another name. */
  async renamed(id: string): Promise<void> {
    if (this.#open.has(id)) await this.#follow(id);
  }

  /** Lets go of bots that are no more, with what was kept for them. */
  async keepOnly(slugs: readonly string[]): Promise<void> {
    const ids = new Set(slugs.map((slug) => this.#parts.bots.idOf(slug)));
    for (const [id, memory] of this.#open) {
      if (ids.has(id)) continue;
      this.#open.delete(id);
      this.#embedding.forget(memory);
      await memory.letGo();
      await this.#parts.indexes.remove(`${id}/memories`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#news[Symbol.dispose]();
    await this.#embedding[Symbol.asyncDispose]();
    await Promise.all(Array.from(this.#open.values(), (memory) => memory[Symbol.asyncDispose]()));
  }

  async #vectorOf(
    bot: string,
    text: string,
    conversation: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array | undefined> {
    const embedder = this.#parts.embedder();
    if (!embedder) return undefined;
    this.#embedding.use(embedder.id);
    try {
      const about = { bot, ...(conversation !== undefined && { conversation }) };
      return await this.#questions.of(text, embedder, about, signal);
    } catch (error) {
      this.#log.debug('A question was looked for by words alone', { bot, error });
      return undefined;
    }
  }

  /** Watches the folder of a memory, also where it is yet to come. */
  async #follow(id: string): Promise<void> {
    await this.#cover(`bots/${this.#parts.bots.slugOf(id)}`);
  }

  #changed(paths: readonly string[]): void {
    for (const [memory, group] of Map.groupBy(paths, (path) => this.#ownerOf(path))) {
      const inside = group.map((path) => path.split('/').slice(3).join('/')).filter((path) => !path.startsWith('.git'));
      if (!memory || inside.length === 0) continue;
      memory
        .changed(inside)
        .catch((error: unknown) => this.#log.error('An edit of a memory could not be read', { error }));
    }
  }

  #isFollowed(folder: string): boolean {
    const [, slug = '', ...inside] = folder.split('/');
    return this.#ownerOf(inside.length === 0 ? `${folder}/memory` : folder) !== undefined && slug !== '';
  }

  /** Whose memory a path of the home is in, of those that are open; git's own folder is nobody's. */
  #ownerOf(path: string): BotMemory | undefined {
    const [bots, slug = '', folder, name] = path.split('/');
    if (bots !== 'bots' || folder !== 'memory' || name === '.git') return undefined;
    const [, id] = this.#parts.bots.namesOf(slug);
    return id === undefined ? undefined : this.#open.get(id);
  }
}
