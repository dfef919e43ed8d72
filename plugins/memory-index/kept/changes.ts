import type { IndexedEntry } from 'boternity';

/** What an index is given of an entry: what it keeps beside it, what tells its text from others, and its words between spaces. */
export interface WordedEntry {
  readonly entry: IndexedEntry;
  readonly digest: string;
  readonly words: string;
}

export type Known = Partial<Pick<IndexedEntry, 'uses' | 'usedAt' | 'importance' | 'expiresAt' | 'stamp'>>;

/** What is kept on disk of an index, one after the other. Snapshots and journals are made of the same. */
export type Change =
  | { readonly kind: 'begin'; readonly format: string; readonly about?: About }
  | { readonly kind: 'put'; readonly entries: readonly WordedEntry[] }
  | { readonly kind: 'remove'; readonly ids: readonly string[] }
  | { readonly kind: 'touch'; readonly id: string; readonly known: Known }
  /** Drops all vectors; those that follow are of this model. */
  | { readonly kind: 'model'; readonly model: string | undefined }
  /** The bytes are the vectors, in the order of the ids. */
  | { readonly kind: 'embed'; readonly ids: readonly string[] }
  /** Words that get the next numbers. */
  | { readonly kind: 'vocabulary'; readonly words: readonly string[] }
  /** Entries that get the next slots; the bytes are their lists of words (rows-frame.ts). */
  | { readonly kind: 'rows'; readonly entries: readonly IndexedEntry[]; readonly digests: readonly string[] }
  /** Vectors of entries by their place among all rows; the bytes are all vectors, then all their coarse rows. */
  | { readonly kind: 'vectors'; readonly rows: readonly number[]; readonly dimensions: number }
  | { readonly kind: 'end' };

/** What is in a snapshot, without reading it. */
export interface About {
  readonly entries: number;
  readonly vectors: number;
  readonly model: string | undefined;
}
