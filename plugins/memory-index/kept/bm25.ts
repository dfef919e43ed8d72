import type { Vocabulary } from './vocabulary.ts';
import type { WordLists } from './word-lists.ts';

export const K1 = 1.2;
export const B = 0.75;

/** A word of the index that counts in place of one that was asked for: 1 for that itself. */
export interface Variant {
  readonly word: number;
  readonly worth: number;
}

/** One thing that is asked for: the best of its variants counts. */
export interface Wanted {
  readonly weight: number;
  readonly variants: readonly Variant[];
}

/** How much it says that an entry has a word which `having` of `all` entries have. */
export function rarity(having: number, all: number): number {
  return Math.log(1 + (all - having + 0.5) / (having + 0.5));
}

/** What BM25 needs to know of an index. */
export class Bm25 {
  readonly #lists: WordLists;
  readonly #vocabulary: Vocabulary;
  readonly #entries: number;
  readonly #short: number;
  readonly #perWord: number;

  constructor(lists: WordLists, vocabulary: Vocabulary, entries: number) {
    this.#lists = lists;
    this.#vocabulary = vocabulary;
    this.#entries = entries;
    this.#short = K1 * (1 - B);
    this.#perWord = lists.total > 0 ? (K1 * B * entries) / lists.total : 0;
  }

  rarity(word: number): number {
    return rarity(this.#vocabulary.entries(word), this.#entries);
  }

  /** What a word adds for being so often in an entry of so many words, without its rarity. */
  part(times: number, length: number): number {
    return (times * (K1 + 1)) / (times + this.#short + this.#perWord * length);
  }

  /** The most that a word can add to any entry. */
  bound({ word, worth }: Variant): number {
    return worth * this.rarity(word) * this.part(this.#vocabulary.most(word), 0);
  }

  /** The score of a slot, always added up in the order of the query: equal entries have equal scores in every engine. */
  score(slot: number, wanted: readonly Wanted[]): number {
    const length = this.#lists.length(slot);
    let score = 0;
    for (const { weight, variants } of wanted) {
      let best = 0;
      for (const { word, worth } of variants) {
        const times = this.#lists.times(slot, word);
        if (times > 0) best = Math.max(best, worth * this.rarity(word) * this.part(times, length));
      }
      score += weight * best;
    }
    return score;
  }
}

/** Finds what could be among the best. Engines differ here alone; what they find is scored by `Bm25`. */
export interface WordSearch {
  /** Takes in all slots there are. */
  build(): Promise<void>;
  /** A slot has got its words. */
  add(slot: number): void;
  /** A slot is about to lose its words. */
  drop(slot: number): void;
  /** All slots whose score could be among the `limit` highest of those that count, and perhaps some more. */
  candidates(wanted: readonly Wanted[], limit: number, now: number): ArrayLike<number> & Iterable<number>;
  /** Tidies up when it is time to; slots may be used again after it said true. */
  tidy(): boolean;
  readonly bytes: number;
}
