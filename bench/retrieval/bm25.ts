import { stemmer } from '@orama/stemmers/english';

const K1 = 1.2;
const B = 0.75;

/** The 33 English stop words that Lucene has left out since its beginnings. */
const STOP_WORDS = new Set(
  'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with'.split(
    ' ',
  ),
);

interface Posting {
  readonly id: string;
  readonly count: number;
}

/** Words of a text in lower case, without stop words, with English endings cut (Porter). */
export function plainWords(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word)).map((word) => stemmer(word));
}

/**
 * Plain BM25 (k1 1.2, b 0.75; the rarity of a word as Lucene has it) over texts: what every other way is compared with. `search`
 * gives ids best first, those with equal scores in the order they came in; words that a query repeats count once.
 */
export class PlainBm25 {
  readonly #postings = new Map<string, Posting[]>();
  readonly #lengths = new Map<string, number>();
  readonly #meanLength: number;

  constructor(texts: Iterable<{ readonly id: string; readonly text: string }>) {
    let total = 0;
    for (const { id, text } of texts) {
      const words = plainWords(text);
      total += words.length;
      this.#lengths.set(id, words.length);
      for (const [word, count] of counted(words)) this.#postingsOf(word).push({ id, count });
    }
    this.#meanLength = total / Math.max(1, this.#lengths.size);
  }

  search(query: string, limit: number): { id: string; score: number }[] {
    const scores = new Map<string, number>();
    for (const word of new Set(plainWords(query))) {
      const postings = this.#postings.get(word) ?? [];
      const rarity = Math.log(1 + (this.#lengths.size - postings.length + 0.5) / (postings.length + 0.5));
      for (const { id, count } of postings) {
        const length = 1 - B + (B * (this.#lengths.get(id) ?? 0)) / this.#meanLength;
        scores.set(id, (scores.get(id) ?? 0) + (rarity * count * (K1 + 1)) / (count + K1 * length));
      }
    }
    const order = new Map([...this.#lengths.keys()].map((id, index) => [id, index]));
    const ranked = [...scores].map(([id, score]) => ({ id, score }));
    ranked.sort((a, b) => b.score - a.score || (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
    return ranked.slice(0, limit);
  }

  #postingsOf(word: string): Posting[] {
    const found = this.#postings.get(word);
    if (found) return found;
    const made: Posting[] = [];
    this.#postings.set(word, made);
    return made;
  }
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
