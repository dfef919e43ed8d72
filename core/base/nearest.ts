import { editDistance } from './edit-distance.ts';

/** The known word that somebody most likely meant; undefined when none is near. Case, dashes and underscores make no difference. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const plain = plainOf(word);
  const limit = plain.length <= 4 ? 1 : plain.length <= 8 ? 2 : 3;
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(plain, plainOf(candidate), limit);
    if (distance <= limit && (!best || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word;
}

function plainOf(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '');
}
