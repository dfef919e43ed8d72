import type { WordList } from '../kept/word-lists.ts';

/** Postings of the entries that came since the last merge. */
export class Delta {
  /** Word → slot, how often, slot, how often … */
  readonly #pairs = new Map<number, number[]>();
  #entries = 0;
  #count = 0;

  /** How many entries came. */
  get size(): number {
    return this.#entries;
  }

  add(slot: number, { words, times }: WordList): void {
    this.#entries += 1;
    this.#count += words.length;
    for (const [at, word] of words.entries()) {
      const pairs = this.#pairs.get(word);
      if (pairs) pairs.push(slot, times[at] ?? 0);
      else this.#pairs.set(word, [slot, times[at] ?? 0]);
    }
  }

  each(word: number, meet: (slot: number, times: number) => void): void {
    const pairs = this.#pairs.get(word);
    if (!pairs) return;
    for (let at = 0; at < pairs.length; at += 2) meet(pairs[at] ?? 0, pairs[at + 1] ?? 0);
  }

  get bytes(): number {
    return this.#count * 40;
  }
}
