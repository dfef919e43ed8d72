import type { Ranked } from './way.ts';

/** Which part of the answers stands among the first `depth`: 0 to 1. */
export function recallAt(depth: number, ranked: readonly Ranked[], answers: readonly string[]): number {
  const first = new Set(ranked.slice(0, depth).map(({ id }) => id));
  return answers.filter((id) => first.has(id)).length / answers.length;
}

/** One through the place of the first answer; 0 when none was found. */
export function reciprocalRank(ranked: readonly Ranked[], answers: readonly string[]): number {
  const place = ranked.findIndex(({ id }) => answers.includes(id));
  return place < 0 ? 0 : 1 / (place + 1);
}

/** Normalised discounted cumulative gain of the first ten, where an answer is right or not (Järvelin and Kekäläinen 2002). */
export function ndcgAt10(ranked: readonly Ranked[], answers: ReadonlySet<string>): number {
  const gain = (place: number): number => 1 / Math.log2(place + 2);
  const found = ranked.slice(0, 10).map(({ id }, place) => (answers.has(id) ? gain(place) : 0));
  const best = Array.from({ length: Math.min(10, answers.size) }, (_, place) => gain(place));
  return sum(found) / sum(best);
}

/** Exactly these came, in whatever order. */
export function isExactly(ranked: readonly Ranked[], expected: readonly string[]): boolean {
  return ranked.length === expected.length && ranked.every(({ id }) => expected.includes(id));
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
