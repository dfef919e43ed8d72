/** Keeps the highest of many numbers: a heap whose first is the lowest that counts. */
export class Highest {
  readonly #heap: Float64Array;
  #size = 0;

  constructor(limit: number) {
    this.#heap = new Float64Array(Math.max(1, limit));
  }

  /** The lowest of the highest `limit`; -Infinity while there are fewer. */
  get least(): number {
    return this.#size < this.#heap.length ? -Infinity : (this.#heap[0] ?? -Infinity);
  }

  add(value: number): void {
    const heap = this.#heap;
    if (this.#size < heap.length) {
      let at = this.#size;
      this.#size += 1;
      for (; at > 0 && (heap[(at - 1) >> 1] ?? 0) > value; at = (at - 1) >> 1) heap[at] = heap[(at - 1) >> 1] ?? 0;
      heap[at] = value;
      return;
    }
    if (value <= (heap[0] ?? 0)) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child += 1;
      if ((heap[child] ?? 0) >= value) break;
      heap[at] = heap[child] ?? 0;
      at = child;
    }
    heap[at] = value;
  }
}
