import type { Variant } from './bm25.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What a word counts that differs by one slip, and by two. */
const WORTH = [1, 0.5, 0.25];
const MOST_SIMILAR = 8;
const LONGEST = 64;
const DIGIT = /\p{N}/u;

/** How many letters may be wrong in a word of this length. */
function slipsIn(word: string): number {
  if (word.length < 4) return 0;
  return word.length < 8 ? 1 : 2;
}

/**
 * Finds words that are written nearly alike (optimal string alignment). Words with digits are never alike: another number is another thing.
 * Each word has a mark of 32 bits for the letters in it; most are told apart by that alone.
 */
export class SimilarWords {
  readonly #vocabulary: Vocabulary;
  #marks = new Uint32Array(0);
  #lengths = new Uint8Array(0);
  #known = 0;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Words of the index that could have been meant, nearest first, then the most frequent, then by spelling; not the word itself. */
  find(word: string): Variant[] {
    const most = slipsIn(word);
    if (most === 0 || word.length > LONGEST || DIGIT.test(word)) return [];
    this.#learn();
    const mark = markOf(word);
    const found: { number: number; slips: number }[] = [];
    for (let number = 0; number < this.#known; number += 1) {
      if (Math.abs((this.#lengths[number] ?? 0) - word.length) > most) continue;
      if (bitsOf((this.#marks[number] ?? 0) ^ mark) > 2 * most || this.#vocabulary.entries(number) === 0) continue;
      const slips = slipsBetween(word, this.#vocabulary.word(number), most);
      if (slips > 0 && slips <= most) found.push({ number, slips });
    }
    const { entries, word: text } = {
      entries: (n: number) => this.#vocabulary.entries(n),
      word: (n: number) => this.#vocabulary.word(n),
    };
    return found
      .toSorted(
        (a, b) =>
          a.slips - b.slips || entries(b.number) - entries(a.number) || (text(a.number) < text(b.number) ? -1 : 1),
      )
      .slice(0, MOST_SIMILAR)
      .map(({ number, slips }) => ({ word: number, worth: WORTH[slips] ?? 0 }));
  }

  #learn(): void {
    const size = this.#vocabulary.size;
    if (this.#marks.length < size) {
      const [marks, lengths] = [new Uint32Array(size * 1.2), new Uint8Array(size * 1.2)];
      marks.set(this.#marks);
      lengths.set(this.#lengths);
      this.#marks = marks;
      this.#lengths = lengths;
    }
    for (; this.#known < size; this.#known += 1) {
      const word = this.#vocabulary.word(this.#known);
      this.#marks[this.#known] = markOf(word);
      this.#lengths[this.#known] = word.length > LONGEST || DIGIT.test(word) ? 255 : word.length;
    }
  }
}

function markOf(word: string): number {
  let mark = 0;
  for (let at = 0; at < word.length; at += 1) mark |= 1 << (word.charCodeAt(at) & 31);
  return mark >>> 0;
}

function bitsOf(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

const rows = [new Uint8Array(LONGEST + 1), new Uint8Array(LONGEST + 1), new Uint8Array(LONGEST + 1)] as const;

/** How many slips are between two words; more than `most` when there are more. The worker has no front door to take this from. */
function slipsBetween(a: string, b: string, most: number): number {
  let [beforeLast, last, now]: [Uint8Array, Uint8Array, Uint8Array] = [...rows];
  for (let column = 0; column <= b.length; column += 1) last[column] = column;
  for (let row = 1; row <= a.length; row += 1) {
    now[0] = row;
    let least = row;
    const letter = a.charCodeAt(row - 1);
    for (let column = 1; column <= b.length; column += 1) {
      const other = b.charCodeAt(column - 1);
      let slips = Math.min(
        (last[column] ?? 0) + 1,
        (now[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (letter === other ? 0 : 1),
      );
      const isSwapped = row > 1 && column > 1 && letter === b.charCodeAt(column - 2) && a.charCodeAt(row - 2) === other;
      if (isSwapped) slips = Math.min(slips, (beforeLast[column - 2] ?? 0) + 1);
      now[column] = slips;
      if (slips < least) least = slips;
    }
    if (least > most) return least;
    [beforeLast, last, now] = [last, now, beforeLast];
  }
  return last[b.length] ?? 0;
}
