import type { IndexedEntry, MemoryIndex, VectorHit, WordHit } from 'boternity';
import { SUPERSEDED } from '../store/entry.ts';
import type { Question } from './question.ts';
import { rank, usualRanking, type Ranked, type Ranking } from './rank.ts';

/** Hits that each way of looking brings. */
const HITS = 50;
/** With fewer hits than these, words that differ by a slip are looked for too. */
const FEW = 3;
/** Hits whose neighbours are looked at, and how many on each side. */
const SEEDS = 8;
const BESIDE = 1;
/** Entries of the time that a question names. */
const THEN = 20;

export interface RecallOptions {
  readonly limit: number;
  readonly now: Date;
  /** Vector of the question, where there is an embedder and it answered in time. */
  readonly vector?: Float32Array | undefined;
  readonly ranking?: Ranking;
  /** Memories that do not count; what was replaced never does. */
  readonly accepts?: (entry: IndexedEntry) => boolean;
}

/** Finds the memories that answer a question, best first. */
export async function recall(index: MemoryIndex, question: Question, options: RecallOptions): Promise<Ranked[]> {
  const { limit, now, vector, ranking = usualRanking, accepts = () => true } = options;
  const counts = (entry: IndexedEntry): boolean => !entry.tags?.includes(SUPERSEDED) && accepts(entry);
  const [words, vectors, ofTime] = await Promise.all([
    ranking.words > 0 ? byWords(index, question) : [],
    vector && ranking.vectors > 0 ? index.nearest(vector, { limit: HITS }) : [],
    question.time ? index.during(question.time.from, question.time.to, { limit: THEN }) : [],
  ]);
  const beside = await besides(
    index,
    words.filter(({ entry }) => counts(entry)),
    ranking,
  );
  const found = {
    words: words.filter(({ entry }) => counts(entry)),
    vectors: vectors.filter(({ entry }) => counts(entry)),
    beside,
    ofTime: ofTime.filter(counts),
  };
  return rank(question, found, now, ranking)
    .filter(({ entry }) => counts(entry))
    .slice(0, limit);
}

async function byWords(index: MemoryIndex, { terms }: Question): Promise<WordHit[]> {
  if (terms.length === 0) return [];
  const hits = await index.words(terms, { limit: HITS });
  if (hits.length >= FEW) return hits;
  const similar = await index.words(terms, { limit: HITS, similar: true });
  const known = new Set(hits.map(({ entry }) => entry.id));
  return [...hits, ...similar.filter(({ entry }) => !known.has(entry.id))];
}

async function besides(
  index: MemoryIndex,
  hits: readonly (WordHit | VectorHit)[],
  ranking: Ranking,
): Promise<Map<string, IndexedEntry[]>> {
  const seeds = ranking.beside > 0 ? hits.slice(0, SEEDS).filter(({ entry }) => entry.group !== undefined) : [];
  const entries = await Promise.all(seeds.map(({ entry }) => index.around(entry.id, BESIDE)));
  return new Map(seeds.map(({ entry }, at) => [entry.id, entries[at] ?? []]));
}
