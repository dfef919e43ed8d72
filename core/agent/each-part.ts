import type { Part } from './model.ts';

/**
 * An answer of which every part is seen, and perhaps changed, on its way; `ended` is called once, when there are no more or nobody wants
 * more, but only for an answer that was begun. Costs a small part of what an asynchronous generator costs for each part: an answer
 * passes through many such layers.
 */
export function eachPart(
  begin: () => AsyncIterable<Part>,
  see: (part: Part) => Part,
  ended: () => void = () => undefined,
): AsyncIterable<Part> {
  return new Seen(begin, see, ended);
}

const nothing: IteratorResult<Part> = { done: true, value: undefined };

class Seen implements AsyncIterableIterator<Part> {
  readonly #begin: () => AsyncIterable<Part>;
  readonly #see: (part: Part) => Part;
  readonly #ended: () => void;
  #parts: AsyncIterator<Part> | undefined;
  #isOver = false;

  constructor(begin: () => AsyncIterable<Part>, see: (part: Part) => Part, ended: () => void) {
    this.#begin = begin;
    this.#see = see;
    this.#ended = ended;
  }

  next(): Promise<IteratorResult<Part>> {
    if (this.#isOver) return Promise.resolve(nothing);
    try {
      this.#parts ??= this.#begin()[Symbol.asyncIterator]();
    } catch (error) {
      return Promise.reject(error).catch(this.#fail);
    }
    return this.#parts.next().then(this.#take, this.#fail);
  }

  async return(): Promise<IteratorResult<Part>> {
    const isBegun = this.#parts !== undefined;
    try {
      if (!this.#isOver) await this.#parts?.return?.();
    } finally {
      if (isBegun) this.#end();
      this.#isOver = true;
    }
    return nothing;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #take = (result: IteratorResult<Part>): IteratorResult<Part> => {
    if (result.done !== true) return { done: false, value: this.#see(result.value) };
    this.#end();
    return nothing;
  };

  readonly #fail = (error: unknown): never => {
    this.#end();
    throw error;
  };

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended();
  }
}
