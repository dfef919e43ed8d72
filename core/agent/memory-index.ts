/** What an index keeps of one piece of text: a memory, a part of a file. The text itself stays in its file. */
export interface IndexedEntry {
  readonly id: string;
  /** File that it comes from, relative to whatever the owner of the index means, and what tells that the file changed. */
  readonly source: string;
  readonly stamp: string;
  /** What belongs together and follows on each other in time or place: a conversation, a file. */
  readonly group?: string;
  /** When it was said or written, in milliseconds since 1970; in a file the place of the part. */
  readonly at: number;
  /** 1 to 5. */
  readonly importance: number;
  /** How often it was recalled, and when last (milliseconds since 1970). */
  readonly uses: number;
  readonly usedAt?: number;
  /** It counts no more from then on (milliseconds since 1970). */
  readonly expiresAt?: number;
  /** Whatever the owner of the index wants back with a hit: small, plain. */
  readonly tags?: readonly string[];
}

/** What is put into an index. `text` is taken apart into words; `more` are words that bring it to mind without standing in it. */
export interface IndexEntry extends IndexedEntry {
  readonly text: string;
  readonly more?: string;
}

/** A word as texts and queries are compared (without case, accents and endings), and how much it counts in a query; 1 when absent. */
export interface Term {
  readonly word: string;
  readonly weight?: number;
}

/** Something that words were found in. */
export interface WordHit {
  readonly entry: IndexedEntry;
  /**
   * BM25 (k1 1.2, b 0.75, idf = ln(1 + (N - n + 0.5) / (n + 0.5))), each word by its weight: higher is better, comparable within one
   * index. Entries that have expired are part of N until they are removed.
   */
  readonly score: number;
  /** Which part of the query it has, each word by its weight and its rarity: 0 to 1. */
  readonly covered: number;
  /** The words of the query that it has; with `similar` those that were meant. */
  readonly words: readonly string[];
}

export interface VectorHit {
  readonly entry: IndexedEntry;
  /** Cosine of the angle between both vectors. */
  readonly similarity: number;
}

export interface IndexInfo {
  readonly engine: string;
  readonly entries: number;
  /** Entries that have a vector, and of which model. */
  readonly vectors: number;
  readonly model: string | undefined;
  /** Estimated bytes in memory; 0 while it is not loaded. */
  readonly bytes: number;
}

/**
 * Finds entries by words and by vectors. Whatever answers is exact about what it holds: an entry that was put is found as soon as
 * `put` answers, one that was removed never again. It loads itself when it is first asked and may unload when nobody asks.
 */
export interface MemoryIndex {
  /** Adds entries, in place of those with the same id. They are searchable, and safe from a restart, when it answers. A changed text loses its vector. */
  put(entries: readonly IndexEntry[]): Promise<void>;
  /** Takes entries out; ids that are not there are passed over. */
  remove(ids: readonly string[]): Promise<void>;
  /** Best first; of equals the newest, then by id. `similar`: words that differ by a slip or two count too, for less. Entries that have expired are left out. */
  words(terms: readonly Term[], options: { readonly limit: number; readonly similar?: boolean }): Promise<WordHit[]>;
  /** Nearest first, among entries that have a vector; exact. Entries that have expired are left out. */
  nearest(vector: Float32Array, options: { readonly limit: number }): Promise<VectorHit[]>;
  /** Entries of a time (from inclusive, to exclusive; milliseconds since 1970), newest first, without those that have expired. */
  during(from: number, to: number, options: { readonly limit: number }): Promise<IndexedEntry[]>;
  /** The entries of the same group just before and after one, by `at` and id, at most `span` on each side, without itself and what has expired. */
  around(id: string, span: number): Promise<IndexedEntry[]>;
  /** Entries by their ids, in that order; undefined for those that are not there. */
  get(ids: readonly string[]): Promise<(IndexedEntry | undefined)[]>;
  /** Changes what is kept beside the text: uses, importance, expiry. Ids that are not there are passed over. */
  touch(
    id: string,
    known: Partial<Pick<IndexedEntry, 'uses' | 'usedAt' | 'importance' | 'expiresAt' | 'stamp'>>,
  ): Promise<void>;
  /** All entries, in pieces: what an owner compares its files with. */
  entries(): AsyncIterable<readonly IndexedEntry[]>;
  /** Ids without a vector of this model, at most `limit`. The first question after another model drops all vectors of the one before. */
  unembedded(model: string, limit: number): Promise<string[]>;
  /** Gives entries their vectors, each of the model's length. Entries that are gone, or changed since they were listed, are passed over. */
  embed(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>;
  info(): Promise<IndexInfo>;
  /** Forgets everything, on disk too. */
  clear(): Promise<void>;
}

/** Where an engine keeps an index. */
export interface IndexPlace {
  /** A folder of its own in the cache, absolute; it may be gone at any start, and is then made. */
  readonly folder: string;
  /** A text as words that are compared, in order, with repetitions, none with a space in it: what every engine indexes, so that all find the same. */
  readonly analyse: (text: string) => string[];
  /** Names what `analyse` does: what was kept under another name is thrown away. */
  readonly analyser: string;
  /** Hears in a sentence what was thrown away because it could not be read. The owner finds those entries missing, and puts them again. */
  readonly damaged: (what: string) => void;
}

/** An index as an engine gives it. Disposing it waits for what it writes. */
export interface OpenIndex extends MemoryIndex, AsyncDisposable {
  /** Writes nothing any more but still answers, until it is disposed: another engine is taking over its folder. */
  freeze?(): Promise<void>;
}

/** A way to keep an index. Plugins add these to the service `memoryIndexes`. */
export interface MemoryEngine {
  readonly name: string;
  /** Why it cannot be used here; undefined when it can. */
  readonly missing?: string | undefined;
  /** How it keeps things; those that say the same open each other's folders. Its name when absent. */
  readonly storage?: string;
  open(place: IndexPlace): Promise<OpenIndex>;
}
