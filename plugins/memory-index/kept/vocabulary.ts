import { grown } from './growable.ts';

/** The words of an index, each with a number, and in how many entries it is. */
export class Vocabulary {
  readonly #numbers = new Map<string, number>();
  readonly #words: string[] = [];
  #entries = new Uint32Array(0);
  #most = new Uint16Array(0);

  get size(): number {
    return this.#words.length;
  }

  /** The number of a word, a new one when it was never there. */
  intern(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    const number = this.#words.length;
    this.#numbers.set(word, number);
    this.#words.push(word);
    this.#entries = grown(this.#entries, number + 1);
    this.#most = grown(this.#most, number + 1);
    return number;
  }

  find(word: string): number | undefined {
    return this.#numbers.get(word);
  }

  word(number: number): string {
    return this.#words[number] ?? '';
  }

  /** In how many entries it is. */
  entries(number: number): number {
    return this.#entries[number] ?? 0;
  }

  /** How often it has ever been in one entry, at most. */
  most(number: number): number {
    return this.#most[number] ?? 0;
  }

  /** One more entry has it, so often. */
  count(number: number, times: number): void {
    this.#entries[number] = this.entries(number) + 1;
    if (times > this.most(number)) this.#most[number] = times;
  }

  /** One entry less has it. */
  uncount(number: number): void {
    this.#entries[number] = this.entries(number) - 1;
  }

  /** The words that are in an entry now, and which number each has among them. */
  snapshot(): { readonly words: string[]; readonly renumbered: Uint32Array } {
    const words: string[] = [];
    const renumbered = new Uint32Array(this.size);
    for (const [number, word] of this.#words.entries()) {
      if (this.entries(number) === 0) continue;
      renumbered[number] = words.length;
      words.push(word);
    }
    return { words, renumbered };
  }

  get bytes(): number {
    return this.size * 120;
  }
}
