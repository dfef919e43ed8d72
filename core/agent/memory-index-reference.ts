import type { IndexedEntry, IndexEntry, Term } from './memory-index.ts';

/** The plainest way to do what every engine must: it goes through everything, and is what the contract compares with. */
export class ReferenceIndex {
  readonly #entries = new Map<string, IndexEntry>();
  readonly #vectors = new Map<string, Float32Array>();
  readonly #analyse: (text: string) => string[];

  constructor(analyse: (text: string) => string[]) {
    this.#analyse = analyse;
  }

  put(entries: readonly IndexEntry[]): void {
    for (const entry of entries) {
      if (this.#entries.get(entry.id)?.text !== entry.text) this.#vectors.delete(entry.id);
      this.#entries.set(entry.id, entry);
    }
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.#entries.delete(id);
      this.#vectors.delete(id);
    }
  }

  embed(vectors: ReadonlyMap<string, Float32Array>): void {
    for (const [id, vector] of vectors) if (this.#entries.has(id)) this.#vectors.set(id, vector);
  }

  get ids(): string[] {
    return [...this.#entries.keys()].toSorted();
  }

  /** Ids and scores, best first. */
  words(terms: readonly Term[], limit: number): { id: string; score: number; covered: number }[] {
    const texts = Array.from(this.#entries.values(), (entry) => ({ entry, words: this.#wordsOf(entry) }));
    const mean = texts.reduce((sum, { words }) => sum + words.length, 0) / texts.length;
    const rarities = terms.map(({ word }) => {
      const having = texts.filter(({ words }) => words.includes(word)).length;
      return Math.log(1 + (texts.length - having + 0.5) / (having + 0.5));
    });
    const all = terms.reduce((sum, { weight = 1 }, at) => sum + weight * (rarities[at] ?? 0), 0);
    const found = texts.map(({ entry, words }) => {
      let [score, has] = [0, 0];
      for (const [at, { word, weight = 1 }] of terms.entries()) {
        const times = words.filter((other) => other === word).length;
        if (times === 0) continue;
        const worth = weight * (rarities[at] ?? 0);
        score += (worth * times * 2.2) / (times + 1.2 * (0.25 + (0.75 * words.length) / mean));
        has += worth;
      }
      return { entry, score, covered: has / all };
    });
    return found
      .filter(({ entry, score }) => score > 0 && !hasExpired(entry))
      .toSorted((a, b) => nearZero(b.score - a.score) || before(a.entry, b.entry))
      .slice(0, limit)
      .map(({ entry, score, covered }) => ({ id: entry.id, score, covered }));
  }

  /** All that have a vector, with their similarities, nearest first. */
  nearest(vector: Float32Array): { id: string; similarity: number }[] {
    return Array.from(this.#vectors, ([id, other]) => ({ id, similarity: cosine(vector, other) }))
      .filter(({ id }) => !hasExpired(this.#entries.get(id)))
      .toSorted((a, b) => b.similarity - a.similarity);
  }

  #wordsOf({ text, more }: IndexEntry): string[] {
    return more === undefined ? this.#analyse(text) : [...this.#analyse(text), ...this.#analyse(more)];
  }
}

/** The same in every run: numbers from 0 to 1 (a linear congruential generator). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A word of a made-up language in which, as in others, a few are very frequent. */
export function rollWord(roll: () => number, words: number): string {
  const rank = Math.floor(words ** roll()) - 1;
  return `w${rank.toString(36).replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '')}`;
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, left, right] = [0, 0, 0];
  for (const [at, value] of a.entries()) {
    const other = b[at] ?? 0;
    product += value * other;
    left += value * value;
    right += other * other;
  }
  return product / (Math.sqrt(left * right) || 1);
}

/** What differs by how it was added up does not differ. */
function nearZero(difference: number): number {
  return Math.abs(difference) < 1e-9 ? 0 : difference;
}

function before(a: IndexedEntry, b: IndexedEntry): number {
  return b.at - a.at || (a.id < b.id ? -1 : 1);
}

function hasExpired(entry: IndexedEntry | undefined): boolean {
  return (entry?.expiresAt ?? Infinity) <= Date.now();
}
