import type { IndexedEntry, VectorHit, WordHit } from 'boternity';
import { outstanding } from './outstanding.ts';
import { shareOf, type Question } from './question.ts';

/** A memory that answers a question. */
export interface Ranked {
  readonly entry: IndexedEntry;
  /** Order among the answers to one question, and no more: higher is better. */
  readonly score: number;
  /** How much of what is asked for it has, 0 to 1, whatever else was found. */
  readonly relevance: number;
  /** Words of the question that it has. */
  readonly words: readonly string[];
  /** Cosine of the angle between its vector and that of the question; undefined where it was not found by that. */
  readonly similarity: number | undefined;
  /** Whether its meaning is much nearer to the question than that of all others. */
  readonly standsOut: boolean;
}

/** What was found for a question, by each way of looking. */
export interface Findings {
  readonly words: readonly WordHit[];
  readonly vectors: readonly VectorHit[];
  /** Id of a hit → what stands just before and after it in its conversation. */
  readonly beside: ReadonlyMap<string, readonly IndexedEntry[]>;
  /** Of the time that the question names. */
  readonly ofTime: readonly IndexedEntry[];
}

/** How much each way of looking counts; measured with the tuning half of bench/retrieval. */
export interface Ranking {
  /** Of reciprocal rank fusion: Cormack, Clarke, Büttcher, SIGIR 2009. */
  readonly k: number;
  readonly words: number;
  readonly vectors: number;
  /** Part of the score of a hit that its neighbours in the conversation get. */
  readonly beside: number;
  /** How much more a hit counts that is of the time that is asked for. */
  readonly ofTime: number;
  /** Cosine from which on two texts have anything to do with each other. */
  readonly unlike: number;
  /** Whether age, use and importance count. */
  readonly isWeighed: boolean;
}

export const usualRanking: Ranking = {
  k: 10,
  words: 1,
  vectors: 0.4,
  beside: 0.5,
  ofTime: 0.6,
  unlike: 0.5,
  isWeighed: true,
};

/** How much a likeness of meaning alone counts, where no word of the question is in it. */
const UNNAMED = 0.5;
/** How much it matters which part of the question something has, beside its place among the hits. */
const SHARP = 0.5;
const DAY_MS = 86_400_000;
/** After so many days the part of a memory's weight that ages is half. */
const HALF_LIFE_DAYS = 30;
/** Part of the weight that does not age: an old fact is still one. */
const AGELESS = 0.6;

/** Puts what was found in one order. */
export function rank(question: Question, found: Findings, now: Date, ranking: Ranking = usualRanking): Ranked[] {
  const known: Known = new Map();
  const byWords = new Map<string, number>();
  const best = found.words.reduce((most, { score }) => Math.max(most, score), 0);
  for (const { entry, score, covered, words } of found.words) {
    known.set(entry.id, { entry, words, relevance: covered, similarity: undefined, standsOut: false });
    byWords.set(entry.id, score / best);
  }
  const meant = outstanding(found.vectors);
  for (const { entry, similarity } of found.vectors) {
    const standsOut = meant.has(entry.id);
    const alike = standsOut ? 1 : Math.max(0, (similarity - ranking.unlike) / (1 - ranking.unlike));
    const { words = [], relevance = alike * UNNAMED } = known.get(entry.id) ?? {};
    known.set(entry.id, { entry, words, relevance, similarity, standsOut });
  }
  spread(found.beside, byWords, known, ranking.beside);
  if (question.time) preferTime(question.time, found.ofTime, byWords, known, ranking.ofTime);
  const fused = fuse(
    [
      { weight: ranking.words, order: inOrder(byWords) },
      { weight: ranking.vectors, order: found.vectors.map(({ entry }) => entry.id) },
    ],
    ranking.k,
  );
  return [...fused]
    .flatMap(([id, score]) => {
      const each = known.get(id);
      if (!each) return [];
      const weight = ranking.isWeighed ? weightOf(each.entry, now) : 1;
      // Rare words sharpen the order; people are told which part of their question is there.
      const relevance = Math.max(each.relevance, shareOf(question, each.words));
      return [{ ...each, relevance, score: score * each.relevance ** SHARP * weight }];
    })
    .toSorted((a, b) => b.score - a.score || b.entry.at - a.entry.at || (a.entry.id < b.entry.id ? -1 : 1));
}

/** How much a memory weighs by its age, its use and its importance: spec/fleet.md 5, with a part that does not age. */
export function weightOf({ at, uses, usedAt, importance }: IndexedEntry, now: Date): number {
  const days = Math.max(0, now.getTime() - Math.max(at, usedAt ?? 0)) / DAY_MS;
  const age = AGELESS + (1 - AGELESS) * 0.5 ** (days / HALF_LIFE_DAYS);
  return age * (1 + 0.02 * Math.min(uses, 10)) * (0.85 + 0.05 * importance);
}

type Known = Map<string, Omit<Ranked, 'score'>>;

/** A hit lends part of its score to what stands beside it: the answer often stands behind the question. */
function spread(beside: Findings['beside'], scores: Map<string, number>, known: Known, part: number): void {
  const lent = new Map<string, number>();
  for (const [id, entries] of beside) {
    const score = scores.get(id) ?? 0;
    const { relevance = 0 } = known.get(id) ?? {};
    for (const entry of entries) {
      lent.set(entry.id, Math.max(lent.get(entry.id) ?? 0, score * part));
      const own = known.get(entry.id);
      known.set(entry.id, {
        entry,
        words: own?.words ?? [],
        relevance: Math.max(own?.relevance ?? 0, relevance * part),
        similarity: own?.similarity,
        standsOut: own?.standsOut ?? false,
      });
    }
  }
  for (const [id, score] of lent) scores.set(id, (scores.get(id) ?? 0) + score);
}

function preferTime(
  { from, to }: NonNullable<Question['time']>,
  ofTime: readonly IndexedEntry[],
  scores: Map<string, number>,
  known: Known,
  more: number,
): void {
  for (const [id, score] of scores) {
    const at = known.get(id)?.entry.at ?? 0;
    if (at >= from && at < to) scores.set(id, score * (1 + more));
  }
  for (const entry of ofTime) {
    if (known.has(entry.id)) continue;
    known.set(entry.id, { entry, words: [], relevance: 0, similarity: undefined, standsOut: false });
    scores.set(entry.id, 0.01 * more);
  }
}

function inOrder(scores: ReadonlyMap<string, number>): string[] {
  return [...scores].toSorted((a, b) => b[1] - a[1]).map(([id]) => id);
}

function fuse(
  lists: readonly { readonly weight: number; readonly order: readonly string[] }[],
  k: number,
): Map<string, number> {
  const scores = new Map<string, number>();
  for (const { weight, order } of lists)
    for (const [at, id] of order.entries()) scores.set(id, (scores.get(id) ?? 0) + (weight * (k + 1)) / (k + at + 1));
  return scores;
}
