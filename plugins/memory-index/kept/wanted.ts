import type { Term } from 'boternity';
import type { Bm25, Variant, Wanted } from './bm25.ts';
import type { SimilarWords } from './similar.ts';
import type { State } from './state.ts';
import type { Vocabulary } from './vocabulary.ts';

/** The words of a query by number, each once; of one that is nowhere there is none. With `similar` those that could have been meant too. */
export function wantedOf(terms: readonly Term[], vocabulary: Vocabulary, similar: SimilarWords | undefined): Wanted[] {
  const weights = new Map<string, number>();
  for (const { word, weight = 1 } of terms) if (weight > 0) weights.set(word, (weights.get(word) ?? 0) + weight);
  return Array.from(weights, ([word, weight]) => {
    const number = vocabulary.find(word);
    const isThere = number !== undefined && vocabulary.entries(number) > 0;
    const exact: Variant[] = isThere ? [{ word: number, worth: 1 }] : [];
    return { weight, variants: [...exact, ...(similar?.find(word) ?? [])] };
  });
}

/** Which part of a query an entry has, and by which words. What is nowhere is rarest of all. */
export function coverOf(
  slot: number,
  wanted: readonly Wanted[],
  { lists, vocabulary, rows }: State,
  bm25: Bm25,
): { readonly covered: number; readonly words: string[] } {
  const words: string[] = [];
  let all = 0;
  let has = 0;
  for (const { weight, variants } of wanted) {
    const [first] = variants;
    const part = weight * (first ? bm25.rarity(first.word) : Math.log(1 + (rows.size + 0.5) / 0.5));
    all += part;
    const met = variants.find(({ word }) => lists.times(slot, word) > 0);
    if (!met) continue;
    has += part * met.worth;
    words.push(vocabulary.word(met.word));
  }
  return { covered: all > 0 ? has / all : 0, words };
}
