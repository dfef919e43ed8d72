import type { IndexEntry } from 'boternity';
import { dice, rollWord } from '../core/agent/memory-index-reference.ts';

const WORDS = 20_000;

/** Texts of a made-up language of 20,000 words: the most frequent is in two of three, as where stop words are left in. */
export class Texts {
  readonly #roll: () => number;

  constructor(seed: number) {
    this.#roll = dice(seed);
  }

  /** 8 to 31 words. */
  text(): string {
    return Array.from({ length: 8 + Math.floor(this.#roll() * 24) }, () => rollWord(this.#roll, WORDS)).join(' ');
  }

  entry(number: number): IndexEntry {
    const [id, day] = [
      `019ab3c0-0000-7000-8000-${String(number).padStart(12, '0')}`,
      String(1 + (number % 28)).padStart(2, '0'),
    ];
    const kept = { id, source: `memory/2026-05-${day}/${id}.json`, stamp: id.slice(0, 16), group: `c${number >> 4}` };
    return { ...kept, at: number * 60_000, importance: 1 + (number % 5), uses: 0, text: this.text() };
  }

  /** Two or three words, as frequent as in texts. */
  query(): { word: string }[] {
    return Array.from({ length: 2 + Math.floor(this.#roll() * 2) }, () => ({ word: rollWord(this.#roll, WORDS) }));
  }

  /** One of as many directions as there are topics, and some way off it: what sentence models give lies in heaps. */
  vector(dimensions: number): Float32Array {
    const topic = dice(1 + Math.floor(this.#roll() * 200));
    return Float32Array.from(
      { length: dimensions },
      () => topic() + topic() - 1 + 0.8 * (this.#roll() + this.#roll() - 1),
    );
  }
}
