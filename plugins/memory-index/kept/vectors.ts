import { Highest } from './best.ts';
import { CoarseVectors } from './coarse.ts';

/** Vectors in one piece of memory. */
const CHUNK = 1_024;

export interface Near {
  readonly slot: number;
  readonly similarity: number;
}

/** The vectors of an index, all of one model, each of length 1. */
export class Vectors {
  readonly model: string | undefined;
  #dimensions = 0;
  #size = 0;
  #coarse: CoarseVectors | undefined;
  #chunks: Float32Array[] = [];
  #has: boolean[] = [];

  constructor(model?: string) {
    this.model = model;
  }

  get dimensions(): number {
    return this.#dimensions;
  }

  get size(): number {
    return this.#size;
  }

  has(slot: number): boolean {
    return this.#has[slot] === true;
  }

  /**
   * Takes a vector of length 1. The first one says how long they are; others are passed over. `row`: what `coarseRow` said of it, or it is
   * worked out.
   */
  set(slot: number, vector: Float32Array, row?: Uint8Array): void {
    if (this.#size === 0 && vector.length !== this.#dimensions) this.#begin(vector.length);
    if (vector.length !== this.#dimensions) return;
    const chunk = (this.#chunks[Math.floor(slot / CHUNK)] ??= new Float32Array(CHUNK * this.#dimensions));
    chunk.set(vector, (slot % CHUNK) * this.#dimensions);
    if (row) this.#coarse?.setRow(slot, row);
    else this.#coarse?.set(slot, vector);
    if (!this.has(slot)) this.#size += 1;
    this.#has[slot] = true;
  }

  /** A view, right until the slot gets another one; undefined when there is none. */
  get(slot: number): Float32Array | undefined {
    if (!this.has(slot)) return undefined;
    const start = (slot % CHUNK) * this.#dimensions;
    return this.#chunks[Math.floor(slot / CHUNK)]?.subarray(start, start + this.#dimensions);
  }

  /** A vector in fewer bytes, for a snapshot. */
  coarseRow(slot: number): Uint8Array {
    return this.#coarse?.row(slot) ?? new Uint8Array(0);
  }

  drop(slot: number): void {
    if (this.has(slot)) this.#size -= 1;
    this.#has[slot] = false;
  }

  /** All slots that could be among the nearest `limit` of those that count, with their similarities, in any order. */
  nearest(query: Float32Array, limit: number, counts: (slot: number) => boolean): Near[] {
    if (query.length !== this.#dimensions || this.#size === 0) return [];
    const vector = unit(query);
    const lowest = new Highest(limit);
    const possible: { slot: number; most: number }[] = [];
    this.#coarse?.bounds(vector, (slot, least, most) => {
      if (most < lowest.least || !this.has(slot) || !counts(slot)) return;
      lowest.add(least);
      possible.push({ slot, most });
    });
    return possible
      .filter(({ most }) => most >= lowest.least)
      .map(({ slot }) => ({ slot, similarity: product(vector, this.get(slot)) }));
  }

  get bytes(): number {
    return this.#chunks.length * CHUNK * this.#dimensions * 4 + (this.#coarse?.bytes ?? 0) + this.#has.length;
  }

  #begin(dimensions: number): void {
    this.#dimensions = dimensions;
    this.#chunks = [];
    this.#coarse = new CoarseVectors(dimensions);
  }
}

/** The same direction with length 1; nothing stays nothing. */
export function unit(vector: Float32Array): Float32Array {
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square) || 1;
  return vector.map((value) => value / length);
}

function product(a: Float32Array, b: Float32Array | undefined): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b?.[at] ?? 0);
  return sum;
}
