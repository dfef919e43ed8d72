import { grown } from './growable.ts';

/** The different words of one entry by number, how often each is in it, and how many words it has with repetitions. */
export interface WordList {
  readonly words: Uint32Array;
  readonly times: Uint16Array;
  readonly length: number;
}

/** Which words each slot has: all lists in a few long arrays. What was dropped stays behind as a gap until `compact`. */
export class WordLists {
  #words = new Uint32Array(0);
  #times = new Uint16Array(0);
  #used = 0;
  #starts = new Uint32Array(0);
  #counts = new Uint32Array(0);
  #lengths = new Uint32Array(0);
  /** Words of all entries together, with repetitions. */
  total = 0;

  set(slot: number, { words, times, length }: WordList): void {
    this.#words = grown(this.#words, this.#used + words.length);
    this.#times = grown(this.#times, this.#used + words.length);
    this.#starts = grown(this.#starts, slot + 1);
    this.#counts = grown(this.#counts, slot + 1);
    this.#lengths = grown(this.#lengths, slot + 1);
    this.#words.set(words, this.#used);
    this.#times.set(times, this.#used);
    this.#starts[slot] = this.#used;
    this.#counts[slot] = words.length;
    this.#lengths[slot] = length;
    this.#used += words.length;
    this.total += length;
  }

  /** The arrays are views, right until the next change. */
  get(slot: number): WordList {
    const start = this.#starts[slot] ?? 0;
    const end = start + (this.#counts[slot] ?? 0);
    return {
      words: this.#words.subarray(start, end),
      times: this.#times.subarray(start, end),
      length: this.length(slot),
    };
  }

  /** How many words it has, with repetitions. */
  length(slot: number): number {
    return this.#lengths[slot] ?? 0;
  }

  /** How many different words it has. */
  count(slot: number): number {
    return this.#counts[slot] ?? 0;
  }

  /** How often a slot has a word. */
  times(slot: number, word: number): number {
    const start = this.#starts[slot] ?? 0;
    const end = start + (this.#counts[slot] ?? 0);
    for (let at = start; at < end; at += 1) if (this.#words[at] === word) return this.#times[at] ?? 0;
    return 0;
  }

  drop(slot: number): void {
    this.total -= this.length(slot);
    this.#counts[slot] = 0;
    this.#lengths[slot] = 0;
  }

  /** All pairs of slot and word there are. */
  get pairs(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Closes the gaps. The slots stay. */
  compact(): void {
    const pairs = this.pairs;
    if (pairs === this.#used) return;
    const words = new Uint32Array(pairs);
    const times = new Uint16Array(pairs);
    let used = 0;
    for (let slot = 0; slot < this.#counts.length; slot += 1) {
      const list = this.get(slot);
      words.set(list.words, used);
      times.set(list.times, used);
      this.#starts[slot] = used;
      used += list.words.length;
    }
    this.#words = words;
    this.#times = times;
    this.#used = used;
  }

  /** The lists as they are now, however this one goes on. */
  snapshot(): Pick<WordLists, 'get'> {
    const copy = new WordLists();
    copy.#words = this.#words;
    copy.#times = this.#times;
    copy.#starts = this.#starts.slice();
    copy.#counts = this.#counts.slice();
    copy.#lengths = this.#lengths.slice();
    return copy;
  }

  get bytes(): number {
    return this.#words.byteLength + this.#times.byteLength + this.#starts.byteLength * 3;
  }
}
