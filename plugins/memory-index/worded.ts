import { hash } from 'node:crypto';
import type { IndexedEntry, IndexEntry, IndexPlace, MemoryIndex, OpenIndex } from 'boternity';
import { Breath } from './kept/breath.ts';
import type { WordedEntry } from './kept/changes.ts';
import type { KeptIndex, Page } from './kept/kept-index.ts';

/** Entries in one page of all. */
const PAGE = 1_000;

type Answering<Method> = Method extends (...input: infer Input) => infer Output
  ? (...input: Input) => Output | Promise<Awaited<Output>>
  : never;

/** A kept index, here or behind a wire: it is given words instead of texts, and gives all entries page by page. */
export type WordedIndex = {
  readonly [Name in keyof Omit<KeptIndex, typeof Symbol.asyncDispose>]: Answering<KeptIndex[Name]>;
} & AsyncDisposable;

/** The same as everybody knows it: texts are taken apart here, in slices, and nothing but their words goes on. */
export function analysed(index: WordedIndex, analyse: IndexPlace['analyse']): OpenIndex {
  const breath = new Breath();
  const worded = async (entries: readonly IndexEntry[]): Promise<WordedEntry[]> => {
    const found: WordedEntry[] = [];
    for (const { text, more, ...entry } of entries) {
      const words = more === undefined ? analyse(text) : [...analyse(text), ...analyse(more)];
      found.push({ entry, digest: hash('sha1', text, 'base64').slice(0, 16), words: words.join(' ') });
      if (breath.isShort) await breath.rest();
    }
    return found;
  };
  return {
    put: async (entries) => index.put(await worded(entries)),
    remove: async (ids) => index.remove(ids),
    words: async (terms, options) => index.words(terms, options),
    nearest: async (vector, options) => index.nearest(vector, options),
    during: async (from, to, options) => index.during(from, to, options),
    around: async (id, span) => index.around(id, span),
    get: async (ids) => index.get(ids),
    touch: async (id, known) => index.touch(id, known),
    entries: () => pagesOf(index),
    unembedded: async (model, limit) => index.unembedded(model, limit),
    embed: async (model, vectors) => index.embed(model, vectors),
    info: async () => index.info(),
    clear: async () => index.clear(),
    freeze: async () => index.freeze(),
    [Symbol.asyncDispose]: async () => index[Symbol.asyncDispose](),
  } satisfies MemoryIndex & OpenIndex;
}

async function* pagesOf(index: WordedIndex): AsyncGenerator<readonly IndexedEntry[]> {
  for (let from: number | undefined = 0; from !== undefined;) {
    const page: Page = await index.page(from, PAGE);
    if (page.entries.length > 0) yield page.entries;
    from = page.next;
  }
}
