import { editDistance, wordsIn } from 'boternity';
import type { AnyOrama } from '@orama/orama';
import { Breath } from './breath.ts';
import { linearIndex, type Orama } from './linear-index.ts';
import type { Query, Term, Wanted } from './query.ts';
import { slipsIn } from './similar.ts';

/** What is put into an index under one id: for each field its texts. */
export type Texts<Field extends string> = Readonly<Record<Field, Iterable<string>>>;

export interface Hit {
  readonly id: string;
  /** Higher is better; comparable within one answer. */
  readonly score: number;
  /** How many of the terms it has. */
  readonly terms: number;
}

export interface Found {
  /** Best first: those with all terms, then, where these are too few, those with some. Every one has all phrases' words. */
  readonly hits: readonly Hit[];
  /** The query with the similar words that were looked for as well. */
  readonly query: Query;
}

/** Stands behind each word in the tree, so that a whole word can be told from the beginning of one. */
const END = '\u0001';
/** Different words of one entry of the engine; larger ones are several. */
const ENTRY_WORDS = 2_000;
/** With fewer hits than this similar words are looked for. */
const ENOUGH = 3;
const MOST_SIMILAR = 8;
const PREFIX_WORTH = 0.4;
const SIMILAR_WORTH = 0.3;

interface Engine {
  readonly orama: Orama;
  readonly db: AnyOrama;
  readonly occurrences: Readonly<Record<string, Record<string, number>>>;
}

/**
 * Finds words in texts by BM25. It holds words, not texts, and lives in memory alone; the engine is loaded when it is first used. Long
 * work lets others have their turn.
 */
export class WordIndex<Field extends string> {
  readonly #weights: Readonly<Record<Field, number>>;
  /** Id → how many entries of the engine it is. */
  readonly #entries = new Map<string, number>();
  #engine: Promise<Engine> | undefined;
  /** How often the words of the entry that is being added are in it, by field. */
  #counts: Readonly<Record<string, ReadonlyMap<string, number>>> = {};
  #last: Promise<unknown> = Promise.resolve();
  readonly #breath = new Breath();

  /** `weights`: the fields, and how much a word in each is worth. */
  constructor(weights: Readonly<Record<Field, number>>) {
    this.#weights = weights;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Adds what belongs to an id, in place of what did before. */
  put(id: string, texts: Texts<Field>): Promise<void> {
    return this.#inTurn(async () => {
      const counts = await this.#count(texts);
      const engine = await this.#start();
      await this.#drop(engine, id);
      const parts = split(counts);
      for (const [at, part] of parts.entries()) {
        if (this.#breath.isShort) await this.#breath.rest();
        this.#counts = part;
        const fields = Object.entries(part).map(([field, words]) => [field, [...words.keys()].join(' ')]);
        void engine.orama.insert(engine.db, { id: entryId(id, at), ...Object.fromEntries(fields) });
      }
      this.#entries.set(id, parts.length);
      if (this.#breath.isShort) await this.#breath.rest();
    });
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#entries.has(id)) await this.#drop(await this.#start(), id);
    });
  }

  /** What the terms of a query are found in; only ids that `accepts` takes. */
  query(query: Query, accepts: (id: string) => boolean = () => true): Promise<Found> {
    return this.#inTurn(async () => {
      if (this.#entries.size === 0) return { hits: [], query };
      const engine = await this.#start();
      const first = await this.#rank(engine, query, accepts);
      const complete = first.filter(({ terms }) => terms === query.terms.length);
      if (complete.length >= ENOUGH) return { hits: complete, query };
      const wider = await this.#widen(engine, query);
      return { hits: wider === query ? first : await this.#rank(engine, wider, accepts), query: wider };
    });
  }

  /** One after the other: what is looked for finds what was put in before. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #count(texts: Texts<Field>): Promise<Record<string, Map<string, number>>> {
    const counts: Record<string, Map<string, number>> = {};
    for (const field of Object.keys(this.#weights) as Field[]) {
      const words = (counts[field] = new Map<string, number>());
      let read = 0;
      for (const text of texts[field]) {
        for (const { word } of wordsIn(text)) {
          words.set(word + END, (words.get(word + END) ?? 0) + 1);
          read += 1;
          if (read % 256 === 0 && this.#breath.isShort) await this.#breath.rest();
        }
        if (this.#breath.isShort) await this.#breath.rest();
      }
    }
    return counts;
  }

  async #drop({ orama, db }: Engine, id: string): Promise<void> {
    const entries = this.#entries.get(id) ?? 0;
    this.#entries.delete(id);
    for (let at = 0; at < entries; at += 1) {
      void orama.remove(db, entryId(id, at));
      if (this.#breath.isShort) await this.#breath.rest();
    }
  }

  async #rank(engine: Engine, query: Query, accepts: (id: string) => boolean): Promise<Hit[]> {
    const hits = new Map<string, { score: number; terms: number; phrases: number }>();
    const phrases = query.terms.filter(({ isQuoted }) => isQuoted).length;
    for (const term of query.terms) {
      for (const [id, score] of await this.#scoresOfTerm(engine, term)) {
        if (!accepts(id)) continue;
        const hit = hits.get(id) ?? { score: 0, terms: 0, phrases: 0 };
        hits.set(id, hit);
        hit.score += score;
        hit.terms += 1;
        if (term.isQuoted) hit.phrases += 1;
      }
    }
    return Array.from(hits, ([id, hit]) => ({ id, ...hit }))
      .filter((hit) => hit.phrases === phrases)
      .toSorted((a, b) => b.terms - a.terms || b.score - a.score);
  }

  /** Ids that hold all words of a term. */
  async #scoresOfTerm(engine: Engine, { words }: Term): Promise<Map<string, number>> {
    let all: Map<string, number> | undefined;
    for (const wanted of words) {
      const scores = await this.#scoresOfWord(engine, wanted);
      const before = all;
      all = before ? new Map([...scores].flatMap(([id, score]) => add(before, id, score))) : scores;
    }
    return all ?? new Map();
  }

  async #scoresOfWord(engine: Engine, wanted: Wanted): Promise<Map<string, number>> {
    const scores = new Map<string, number>();
    const looks: [string, number][] = [[wanted.word + END, 1]];
    if (wanted.isPrefix) looks.push([wanted.word, PREFIX_WORTH]);
    looks.push(...wanted.similar.map((word): [string, number] => [word + END, SIMILAR_WORTH]));
    for (const [term, worth] of looks) {
      const { hits } = await engine.orama.search(engine.db, {
        term,
        boost: this.#weights,
        limit: engine.orama.count(engine.db),
      });
      for (const { id, score } of hits) {
        const [whole = id] = id.split(END);
        scores.set(whole, Math.max(scores.get(whole) ?? 0, score * worth));
      }
      if (this.#breath.isShort) await this.#breath.rest();
    }
    return scores;
  }

  /** Beside each word those of the index that are written nearly so. */
  async #widen(engine: Engine, query: Query): Promise<Query> {
    let isWider = false;
    const terms: Term[] = [];
    for (const term of query.terms) {
      const words: Wanted[] = [];
      for (const wanted of term.words) {
        const similar = term.isQuoted ? [] : await this.#similarTo(engine, wanted.word);
        isWider ||= similar.length > 0;
        words.push({ ...wanted, similar });
      }
      terms.push({ ...term, words });
    }
    return isWider ? { terms } : query;
  }

  async #similarTo({ occurrences }: Engine, word: string): Promise<string[]> {
    const most = slipsIn(word);
    if (most === 0) return [];
    const found = new Map<string, { slips: number; count: number }>();
    for (const field of Object.keys(this.#weights)) {
      const known = occurrences[field] ?? {};
      let looked = 0;
      for (const marked in known) {
        looked += 1;
        if (looked % 256 === 0 && this.#breath.isShort) await this.#breath.rest();
        const count = known[marked] ?? 0;
        if (Math.abs(marked.length - 1 - word.length) > most || count < 1) continue;
        const other = marked.slice(0, -1);
        const slips = editDistance(word, other, most);
        if (slips > 0 && slips <= most) found.set(other, { slips, count });
      }
    }
    return [...found]
      .toSorted(([, a], [, b]) => a.slips - b.slips || b.count - a.count)
      .slice(0, MOST_SIMILAR)
      .map(([other]) => other);
  }

  #start(): Promise<Engine> {
    return (this.#engine ??= this.#load());
  }

  async #load(): Promise<Engine> {
    const orama = await import('@orama/orama');
    const fields = Object.keys(this.#weights).map((field) => [field, 'string'] as const);
    const db = orama.create({
      schema: Object.fromEntries(fields),
      // Its own tokenizers drop the letters of other languages; what comes here are words already.
      components: {
        tokenizer: {
          language: 'any',
          normalizationCache: new Map(),
          tokenize: (raw) => raw.split(' ').filter(Boolean),
        },
        index: linearIndex(orama, (field, word) => this.#counts[field]?.get(word) ?? 1),
      },
      sort: { enabled: false },
    });
    const { tokenOccurrences } = db.data.index as { tokenOccurrences: Record<string, Record<string, number>> };
    return { orama, db, occurrences: tokenOccurrences };
  }
}

function add(all: ReadonlyMap<string, number>, id: string, score: number): [string, number][] {
  const before = all.get(id);
  return before === undefined ? [] : [[id, before + score]];
}

function entryId(id: string, at: number): string {
  return at === 0 ? id : `${id}${END}${at}`;
}

/** What has too many different words for one entry, as several. */
function split(counts: Readonly<Record<string, Map<string, number>>>): Record<string, Map<string, number>>[] {
  const fields = Object.entries(counts);
  const most = Math.max(...fields.map(([, words]) => words.size));
  const parts = Math.max(1, Math.ceil(most / ENTRY_WORDS));
  if (parts === 1) return [counts];
  const lists = fields.map(([field, words]) => [field, [...words]] as const);
  return Array.from({ length: parts }, (_, at) =>
    Object.fromEntries(
      lists.map(([field, words]) => [field, new Map(words.slice(at * ENTRY_WORDS, (at + 1) * ENTRY_WORDS))]),
    ),
  );
}
