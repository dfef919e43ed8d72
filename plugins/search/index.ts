import { definePlugin } from 'boternity';
import { excerptOf, sight, type Excerpt, type Mark, type Sighting } from './excerpt.ts';
import { parseQuery, type Query } from './query.ts';
import { WordIndex } from './word-index.ts';

export type { Excerpt, Mark, Sighting } from './excerpt.ts';
export type { Query } from './query.ts';
export type { Found, Hit, Texts, WordIndex } from './word-index.ts';

/** The service `search`: finds words in texts of any language. */
export interface Search {
  /** An empty index in memory. `weights`: its fields, and how much a word in each is worth. */
  index<Field extends string>(weights: Readonly<Record<Field, number>>): WordIndex<Field>;
  /** Takes a search of a person apart. Throws SEARCH_INVALID. */
  parse(text: string): Query;
  /** Looks for a query in one text; undefined when nothing of it is there. */
  sight(text: string, query: Query): Promise<Sighting | undefined>;
  /** The piece of a text around what was found in it, on one line. */
  excerpt(text: string, marks: readonly Mark[], length: number): Excerpt;
}

declare module 'boternity' {
  interface Services {
    search: Search;
  }
}

/** Finds words in what other plugins keep: an index in memory for whoever asks for one. */
export default definePlugin({
  name: 'search',
  provides: ['search'],
  setup(context) {
    context.provide('search', () => ({
      index: (weights) => new WordIndex(weights),
      parse: parseQuery,
      sight,
      excerpt: excerptOf,
    }));
  },
});
