import type { IndexedEntry, IndexInfo, Term, VectorHit, WordHit } from 'boternity';
import { Bm25, type Wanted, type WordSearch } from './bm25.ts';
import { Breath } from './breath.ts';
import type { Change, Known, WordedEntry } from './changes.ts';
import { SimilarWords } from './similar.ts';
import { bytesOf } from './snapshot.ts';
import { State } from './state.ts';
import { Store, type StorePlace } from './store.ts';
import { unit } from './vectors.ts';
import { coverOf, wantedOf } from './wanted.ts';

/** Entries that are put at once before others get a turn. */
const AT_ONCE = 64;

export interface KeptOptions extends StorePlace {
  readonly engine: string;
  readonly search: (state: State) => WordSearch;
}

/** Some entries, and from where on the next are. */
export interface Page {
  readonly entries: readonly IndexedEntry[];
  readonly next: number | undefined;
}

/**
 * An index in memory that is kept in a folder: what both of our own engines have in common, all but the search for words. Changes are
 * written first and then carried out, one after the other; questions see what was carried out.
 */
export class KeptIndex implements AsyncDisposable {
  readonly #options: KeptOptions;
  readonly #store: Store;
  #state: State;
  #search: WordSearch;
  #similar: SimilarWords;
  #last: Promise<unknown> = Promise.resolve();
  /** Ids that were listed for a vector, and whether their text is still the one that was listed. */
  #listed = new Map<string, boolean>();
  readonly #breath = new Breath();
  #isClosed = false;

  private constructor(options: KeptOptions, store: Store, state: State, search: WordSearch) {
    this.#options = options;
    this.#store = store;
    this.#state = state;
    this.#search = search;
    this.#similar = new SimilarWords(state.vocabulary);
  }

  static async open(options: KeptOptions): Promise<KeptIndex> {
    const { store, state } = await Store.open(options);
    const search = options.search(state);
    await search.build();
    state.words = search;
    return new KeptIndex(options, store, state, search);
  }

  put(entries: readonly WordedEntry[]): Promise<void> {
    return this.#inTurn(async () => {
      for (let at = 0; at < entries.length; at += AT_ONCE) {
        const some = entries.slice(at, at + AT_ONCE);
        for (const { entry, digest } of some) this.#spoil(entry.id, digest);
        await this.#change({ kind: 'put', entries: some });
      }
    });
  }

  remove(ids: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      const known = [...new Set(ids)].filter((id) => this.#state.rows.slotOf(id) !== undefined);
      for (const id of known) this.#spoil(id);
      if (known.length > 0) await this.#change({ kind: 'remove', ids: known });
    });
  }

  touch(id: string, known: Known): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state.rows.slotOf(id) !== undefined) await this.#change({ kind: 'touch', id, known });
    });
  }

  words(terms: readonly Term[], { limit, similar = false }: { limit: number; similar?: boolean }): WordHit[] {
    const state = this.#state;
    const bm25 = new Bm25(state.lists, state.vocabulary, state.rows.size);
    const asked = wantedOf(terms, state.vocabulary, similar ? this.#similar : undefined);
    const wanted: Wanted[] = asked.filter(({ variants }) => variants.length > 0);
    if (wanted.length === 0 || limit <= 0) return [];
    const scored: { slot: number; score: number }[] = [];
    for (const slot of this.#search.candidates(wanted, limit, Date.now()))
      scored.push({ slot, score: bm25.score(slot, wanted) });
    return scored
      .toSorted((a, b) => b.score - a.score || state.rows.compare(a.slot, b.slot))
      .slice(0, limit)
      .flatMap(({ slot, score }) => {
        const entry = state.rows.entry(slot);
        return entry ? [{ entry, score, ...coverOf(slot, asked, state, bm25) }] : [];
      });
  }

  nearest(vector: Float32Array, { limit }: { limit: number }): VectorHit[] {
    const { rows, vectors } = this.#state;
    const now = Date.now();
    if (limit <= 0) return [];
    return vectors
      .nearest(vector, limit, (slot) => rows.counts(slot, now))
      .toSorted((a, b) => b.similarity - a.similarity || rows.compare(a.slot, b.slot))
      .slice(0, limit)
      .flatMap(({ slot, similarity }) => this.#entries([slot]).map((entry) => ({ entry, similarity })));
  }

  during(from: number, to: number, { limit }: { limit: number }): IndexedEntry[] {
    return this.#entries(this.#state.rows.during(from, to, limit, Date.now()));
  }

  around(id: string, span: number): IndexedEntry[] {
    const slot = this.#state.rows.slotOf(id);
    return slot === undefined ? [] : this.#entries(this.#state.rows.around(slot, span, Date.now()));
  }

  get(ids: readonly string[]): (IndexedEntry | undefined)[] {
    const { rows } = this.#state;
    return ids.map((id) => rows.entry(rows.slotOf(id) ?? -1));
  }

  /** The same, without those that have no vector or have expired. */
  embedded(ids: readonly string[]): (IndexedEntry | undefined)[] {
    const { rows, vectors } = this.#state;
    const now = Date.now();
    return ids.map((id) => {
      const slot = rows.slotOf(id) ?? -1;
      return vectors.has(slot) && rows.counts(slot, now) ? rows.entry(slot) : undefined;
    });
  }

  page(from: number, count: number): Page {
    const entries: IndexedEntry[] = [];
    for (const [slot, entry] of this.#state.rows.live(from)) {
      if (entries.length === count) return { entries, next: slot };
      entries.push(entry);
    }
    return { entries, next: undefined };
  }

  unembedded(model: string, limit: number): Promise<string[]> {
    return this.#inTurn(async () => {
      await this.#useModel(model);
      const ids: string[] = [];
      for (const [slot, { id }] of this.#state.rows.live()) {
        if (ids.length >= limit) break;
        if (!this.#state.vectors.has(slot)) ids.push(id);
      }
      for (const id of ids) this.#listed.set(id, true);
      return ids;
    });
  }

  embed(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#useModel(model);
      const known = [...vectors].filter(
        ([id]) => this.#state.rows.slotOf(id) !== undefined && this.#listed.get(id) !== false,
      );
      for (const [id] of vectors) this.#listed.delete(id);
      const length = this.#state.vectors.size > 0 ? this.#state.vectors.dimensions : known[0]?.[1].length;
      const right = known.filter(
        ([, vector]) => vector.length === length && vector.length > 0 && vector.every(Number.isFinite),
      );
      for (let at = 0; at < right.length; at += AT_ONCE) {
        const some = right.slice(at, at + AT_ONCE);
        const bytes = bytesOf(some.map(([, vector]) => unit(vector)));
        await this.#change({ kind: 'embed', ids: some.map(([id]) => id) }, bytes);
      }
    });
  }

  info(): IndexInfo {
    const { rows, vectors, bytes } = this.#state;
    return { engine: this.#options.engine, entries: rows.size, vectors: vectors.size, model: vectors.model, bytes };
  }

  clear(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#store.clear();
      this.#state = new State();
      this.#listed = new Map();
      this.#search = this.#options.search(this.#state);
      this.#state.words = this.#search;
      this.#similar = new SimilarWords(this.#state.vocabulary);
    });
  }

  /** Writes nothing any more. What is in memory still answers. */
  freeze(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isClosed) await this.#store.close(this.#state);
      this.#isClosed = true;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.freeze();
  }

  #entries(slots: readonly number[]): IndexedEntry[] {
    return slots.flatMap((slot) => this.#state.rows.entry(slot) ?? []);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #change(change: Change, bytes: Uint8Array = new Uint8Array(0)): Promise<void> {
    await this.#store.append(change, bytes);
    this.#state.apply(change, bytes);
    if (this.#search.tidy()) this.#state.rows.reuse();
    if (this.#breath.isShort) await this.#breath.rest();
    await this.#store.tidy(this.#state);
  }

  async #useModel(model: string): Promise<void> {
    if (this.#state.vectors.model === model) return;
    this.#listed = new Map();
    await this.#change({ kind: 'model', model });
  }

  /** What was listed for a vector has another text now, or is gone. */
  #spoil(id: string, digest?: string): void {
    const slot = this.#state.rows.slotOf(id);
    const isSame = slot !== undefined && this.#state.rows.digest(slot) === digest;
    if (!isSame && this.#listed.has(id)) this.#listed.set(id, false);
  }
}
