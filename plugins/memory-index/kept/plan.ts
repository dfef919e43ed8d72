import type { Bm25, Wanted } from './bm25.ts';
import type { Vocabulary } from './vocabulary.ts';

/** One thing that is asked for, in the order in which a search goes through them. */
export interface Step {
  readonly wanted: Wanted;
  /** How many entries it has to go over, at most. */
  readonly having: number;
  /** The most that this and all that come later can add to a score. */
  readonly left: number;
}

/** Rare words first: they add most, and few have them. Once what is left is less than the best have, nobody new can come among those. */
export function planOf(wanted: readonly Wanted[], bm25: Bm25, vocabulary: Vocabulary): Step[] {
  const steps = wanted
    .map((one) => ({
      wanted: one,
      having: one.variants.reduce((sum, { word }) => sum + vocabulary.entries(word), 0),
      bound: one.weight * Math.max(...one.variants.map((variant) => bm25.bound(variant))),
    }))
    .toSorted((a, b) => b.having - a.having);
  let left = 0;
  return steps.map(({ wanted, having, bound }) => ({ wanted, having, left: (left += bound) })).toReversed();
}
