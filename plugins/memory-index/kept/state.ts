import type { Change, WordedEntry } from './changes.ts';
import type { WordSearch } from './bm25.ts';
import { decodeLists } from './rows-frame.ts';
import { Rows } from './rows.ts';
import { Vectors } from './vectors.ts';
import { Vocabulary } from './vocabulary.ts';
import { WordLists, type WordList } from './word-lists.ts';

/** How often a word counts in one entry, at most. */
const MOST_TIMES = 65_535;

/** All that an index knows, in memory. Changes are what it is made of. */
export class State {
  readonly rows = new Rows();
  readonly vocabulary = new Vocabulary();
  readonly lists = new WordLists();
  vectors = new Vectors();
  /** Hears of slots that get and lose words; absent while everything is read in. */
  words: WordSearch | undefined;

  apply(change: Change, bytes: Uint8Array): void {
    switch (change.kind) {
      case 'put':
        for (const entry of change.entries) this.#put(entry);
        break;
      case 'remove':
        for (const id of change.ids) this.#remove(this.rows.slotOf(id));
        break;
      case 'touch': {
        const slot = this.rows.slotOf(change.id);
        const entry = slot === undefined ? undefined : this.rows.entry(slot);
        if (slot !== undefined && entry) this.rows.change(slot, { ...entry, ...change.known });
        break;
      }
      case 'model':
        this.vectors = new Vectors(change.model);
        break;
      case 'embed':
        this.#embed(change.ids, bytes);
        break;
      case 'vectors':
        this.#takeVectors(change.rows, change.dimensions, bytes);
        break;
      case 'vocabulary':
        for (const word of change.words) this.vocabulary.intern(word);
        break;
      case 'rows': {
        const lists = [...decodeLists(bytes, change.entries.length)];
        for (const [at, entry] of change.entries.entries()) {
          const list = lists[at];
          if (list) this.#list(this.rows.add(entry, change.digests[at] ?? ''), list);
        }
        break;
      }
      case 'begin':
      case 'end':
        break;
    }
  }

  get bytes(): number {
    return this.rows.bytes + this.vocabulary.bytes + this.lists.bytes + this.vectors.bytes + (this.words?.bytes ?? 0);
  }

  /** An entry with the same text keeps its vector. */
  #put({ entry, digest, words }: WordedEntry): void {
    const before = this.rows.slotOf(entry.id);
    const isSame = before !== undefined && this.rows.digest(before) === digest;
    const vector = isSame ? this.vectors.get(before)?.slice() : undefined;
    this.#remove(before);
    const slot = this.rows.add(entry, digest);
    this.#list(slot, this.#countWords(words));
    if (vector) this.vectors.set(slot, vector);
    this.words?.add(slot);
  }

  #remove(slot: number | undefined): void {
    if (slot === undefined) return;
    this.words?.drop(slot);
    for (const word of this.lists.get(slot).words) this.vocabulary.uncount(word);
    this.lists.drop(slot);
    this.vectors.drop(slot);
    this.rows.drop(slot);
  }

  #embed(ids: readonly string[], bytes: Uint8Array): void {
    const dimensions = bytes.length / 4 / ids.length;
    const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    for (const [at, id] of ids.entries()) {
      const slot = this.rows.slotOf(id);
      if (slot !== undefined) this.vectors.set(slot, floats.subarray(at * dimensions, (at + 1) * dimensions));
    }
  }

  /** In a snapshot rows are slots. */
  #takeVectors(slots: readonly number[], dimensions: number, bytes: Uint8Array): void {
    const floats = new Float32Array(bytes.buffer, bytes.byteOffset, slots.length * dimensions);
    const rows = bytes.subarray(floats.byteLength);
    const rowBytes = rows.length / slots.length;
    for (const [at, slot] of slots.entries()) {
      const vector = floats.subarray(at * dimensions, (at + 1) * dimensions);
      this.vectors.set(slot, vector, rows.subarray(at * rowBytes, (at + 1) * rowBytes));
    }
  }

  #list(slot: number, list: WordList): void {
    this.lists.set(slot, list);
    for (const [at, word] of list.words.entries()) this.vocabulary.count(word, list.times[at] ?? 0);
  }

  #countWords(text: string): WordList {
    const counts = new Map<number, number>();
    let length = 0;
    for (const word of text.split(' ')) {
      if (word === '') continue;
      const number = this.vocabulary.intern(word);
      counts.set(number, Math.min(MOST_TIMES, (counts.get(number) ?? 0) + 1));
      length += 1;
    }
    return { words: Uint32Array.from(counts.keys()), times: Uint16Array.from(counts.values()), length };
  }
}
