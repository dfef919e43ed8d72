import type { State } from '../kept/state.ts';

/** For each word the slots that have it, in order, and how often: all in two long arrays, made at once and never changed. */
export class Postings {
  readonly #starts: Uint32Array;
  readonly #slots: Uint32Array;
  readonly #times: Uint16Array;

  private constructor(starts: Uint32Array, slots: Uint32Array, times: Uint16Array) {
    this.#starts = starts;
    this.#slots = slots;
    this.#times = times;
  }

  /** Of all entries there are: counts first, so that each has its place. */
  static of({ lists, vocabulary, rows }: State): Postings {
    const starts = new Uint32Array(vocabulary.size + 2);
    for (let word = 0; word < vocabulary.size; word += 1)
      starts[word + 2] = (starts[word + 1] ?? 0) + vocabulary.entries(word);
    const pairs = starts[vocabulary.size + 1] ?? 0;
    const slots = new Uint32Array(pairs);
    const times = new Uint16Array(pairs);
    for (let slot = 0; slot < rows.top; slot += 1) {
      const list = lists.get(slot);
      for (let at = 0; at < list.words.length; at += 1) {
        const word = list.words[at] ?? 0;
        const place = starts[word + 1] ?? 0;
        slots[place] = slot;
        times[place] = list.times[at] ?? 0;
        starts[word + 1] = place + 1;
      }
    }
    return new Postings(starts, slots, times);
  }

  each(word: number, meet: (slot: number, times: number) => void): void {
    const end = this.#starts[word + 1] ?? 0;
    for (let at = this.#starts[word] ?? 0; at < end; at += 1) meet(this.#slots[at] ?? 0, this.#times[at] ?? 0);
  }

  get bytes(): number {
    return this.#starts.byteLength + this.#slots.byteLength + this.#times.byteLength;
  }
}
