import type { ModelFailure, Part } from '../model.ts';

/** How a stream began: with content, or with a failure before any. */
export type Beginning =
  | { readonly failure: ModelFailure; readonly parts: readonly Part[] }
  | { readonly failure: undefined; readonly parts: AsyncIterable<Part> };

/** Reads a stream up to its first content, or to its end. Nothing of it is lost: `parts` holds all, or all that is still to come. */
export async function beginning(stream: AsyncIterable<Part>): Promise<Beginning> {
  const iterator = stream[Symbol.asyncIterator]();
  const read: Part[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const part = next.value;
    read.push(part);
    if (part.type === 'end' && part.failure) {
      await iterator.return?.();
      return { failure: part.failure, parts: read };
    }
    if (part.type !== 'usage' && part.type !== 'notice') break;
  }
  return { failure: undefined, parts: ahead(read, iterator) };
}

/**
 * Parts, and the rest of an answer behind them. No generator: that would cost something for each part of every answer. The rest is
 * closed too when nobody wants more than the first.
 */
export function ahead(first: readonly Part[], rest?: AsyncIterator<Part>): AsyncIterable<Part> {
  let at = 0;
  const end: IteratorResult<Part> = { done: true, value: undefined };
  const going: AsyncIterableIterator<Part> = {
    next() {
      const part = first[at];
      if (part === undefined) return rest?.next() ?? Promise.resolve(end);
      at += 1;
      return Promise.resolve({ done: false, value: part });
    },
    async return() {
      at = first.length;
      await rest?.return?.();
      return end;
    },
    [Symbol.asyncIterator]: () => going,
  };
  return going;
}
