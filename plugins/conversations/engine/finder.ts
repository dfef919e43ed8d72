import { setTimeout as sleep } from 'node:timers/promises';
import type { Excerpt, Mark, Query, Search, WordIndex } from '../../search/index.ts';
import type { Graph } from '../graph/graph.ts';
import type { Heading } from '../present.ts';
import { shownIn, type Shown } from './shown.ts';
import type { ConversationStore } from './store.ts';

/** Characters of the piece of a message that is shown. */
const EXCERPT = 200;
/** Conversations that are looked into for one answer, at most. */
const MOST_LOOKED = 300;
/** Scores are compared in so many steps; within one the later conversation comes first. */
const STEPS = 10;

/** A conversation in which something was found. */
export interface FoundConversation {
  readonly heading: Heading;
  /** Where hits stand in the title (UTF-16 units). */
  readonly titleMarks: readonly Mark[];
  /** The message with most of what is looked for, the latest of equals. */
  readonly best: (Shown & Excerpt) | undefined;
}

export interface FoundConversations {
  readonly found: readonly FoundConversation[];
  /** Whether all conversations had been read by then. */
  readonly isComplete: boolean;
}

/**
 * Finds conversations by their words. The index is a cache in memory, brought up to date by every search: by the numbers of the last
 * lines of the journals. What is shown comes from the conversation itself, as it is now.
 */
export class Finder {
  readonly #search: Search;
  readonly #store: ConversationStore;
  readonly #index: WordIndex<'title' | 'text'>;
  /** Conversation → number of the line up to which it is in the index. */
  readonly #known = new Map<string, number>();
  #updating: Promise<void> | undefined;

  constructor(search: Search, store: ConversationStore) {
    this.#search = search;
    this.#store = store;
    this.#index = search.index({ title: 3, text: 1 });
  }

  /** Waits at most `waitMs` for conversations that were not read yet. Throws SEARCH_INVALID. */
  async find(
    text: string,
    options: {
      readonly limit: number;
      readonly waitMs: number;
      readonly accepts: (heading: Heading) => boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<FoundConversations> {
    const query = this.#search.parse(text);
    let isComplete = false;
    const updated = this.#update().then(() => (isComplete = true));
    await Promise.race([updated, sleep(options.waitMs, undefined, { signal: options.signal, ref: false })]);
    const headings = new Map((await this.#store.list()).map((heading) => [heading.id, heading]));
    const meant = (id: string): Heading | undefined => {
      const heading = headings.get(id);
      return heading && options.accepts(heading) ? heading : undefined;
    };
    const { hits, query: wider } = await this.#index.query(query, (id) => meant(id) !== undefined);
    const best = hits.reduce((most, { score }) => Math.max(most, score), 0);
    const ranked = hits
      .flatMap(({ id, score, terms }) => {
        const heading = meant(id);
        return heading ? [{ heading, terms, step: Math.round((score / best) * STEPS) }] : [];
      })
      .toSorted((a, b) => b.terms - a.terms || b.step - a.step || (a.heading.updatedAt < b.heading.updatedAt ? 1 : -1));
    const found: FoundConversation[] = [];
    for (const { heading } of ranked.slice(0, MOST_LOOKED)) {
      if (found.length >= options.limit) break;
      options.signal.throwIfAborted();
      const graph = await this.#store.graphOf(heading.id);
      const seen = graph && (await this.#lookInto(graph, wider));
      if (seen) found.push({ ...seen, heading });
    }
    return { found, isComplete };
  }

  async #lookInto(graph: Graph, query: Query): Promise<Omit<FoundConversation, 'heading'> | undefined> {
    const title = await this.#search.sight(graph.title, query);
    const terms = new Set(title?.terms);
    let best: { shown: Shown; marks: readonly Mark[]; count: number } | undefined;
    for (const shown of shownIn(graph)) {
      const seen = await this.#search.sight(shown.node.text, query);
      if (!seen) continue;
      for (const term of seen.terms) terms.add(term);
      if (seen.terms.size > (best?.count ?? 0)) best = { shown, marks: seen.marks, count: seen.terms.size };
      if (best?.count === query.terms.length) break;
    }
    const isMissed = query.terms.some(({ isQuoted }, at) => isQuoted && !terms.has(at));
    if (terms.size === 0 || isMissed) return undefined;
    return {
      titleMarks: title?.marks ?? [],
      best: best && { ...best.shown, ...this.#search.excerpt(best.shown.node.text, best.marks, EXCERPT) },
    };
  }

  /** One at a time; who comes meanwhile waits for the one after, because something may have been written since. */
  #update(): Promise<void> {
    const before = this.#updating;
    const done: Promise<void> = (before ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#bringUpToDate())
      .finally(() => {
        if (this.#updating === done) this.#updating = undefined;
      });
    done.catch(() => undefined);
    this.#updating = done;
    return done;
  }

  async #bringUpToDate(): Promise<void> {
    const headings = await this.#store.list();
    const left = new Set(headings.map(({ id }) => id));
    for (const id of this.#known.keys()) {
      if (left.has(id)) continue;
      this.#known.delete(id);
      await this.#index.remove(id);
    }
    for (const { id, seq } of headings) {
      if (this.#known.get(id) === seq) continue;
      const graph = await this.#store.graphOf(id);
      if (!graph) continue;
      const upTo = graph.seq;
      const text = [graph.title, ...shownIn(graph).map(({ node }) => node.text)];
      await this.#index.put(id, { title: [graph.title], text });
      this.#known.set(id, upTo);
    }
  }
}
