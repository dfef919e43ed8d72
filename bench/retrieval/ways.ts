import { PlainBm25 } from './bm25.ts';
import { vectorWays, weighed, words } from './product-ways.ts';
import type { Way } from './way.ts';

/** Words that are alike, counted and weighed, and nothing else: what every other way has to beat. */
export const plainBm25: Way = {
  name: 'plain BM25',
  // Best on the tuning half of the precision set.
  cut: 4,
  async open(entries) {
    const index = new PlainBm25(entries);
    return {
      ask: async (question) => index.search(question, 100),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

/** Every way that `node bench/retrieval.ts` compares; the first is the one to beat. */
export const ways: readonly Way[] = [plainBm25, words, weighed, ...vectorWays];

/** Those that need nothing but this machine. */
export const quickWays: readonly Way[] = [plainBm25, words, weighed];
