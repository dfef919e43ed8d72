const NEGATIONS = new Set(
  'not no never none nobody nothing neither nor isnt arent doesnt dont wont cannot cant kein keine keinen keiner nicht nie niemals nichts niemand pas jamais aucun aucune ningún nunca non mai'.split(
    ' ',
  ),
);
/** Part of the words that two sentences about the same share. */
const SAME = 0.75;
/** Words at the begin that two sentences about the same share at least, and words that may differ at the end. */
const LEAST_BEGIN = 3;
const MOST_END = 3;

/**
 * Whether two sentences seem to say opposite things of the same: the same words but for a number or a negation, or the same begin with
 * another end ("the office is in Bern", "the office is in Basel"). `analyse` gives the words of a text without their endings.
 */
export function seemOpposed(one: string, other: string, analyse: (text: string) => string[]): boolean {
  const [a, b] = [partsOf(one, analyse), partsOf(other, analyse)];
  const differs = a.isNegated !== b.isNegated || (a.numbers !== b.numbers && a.numbers !== '' && b.numbers !== '');
  const all = a.words.union(b.words).size;
  if (differs && all > 1 && a.words.intersection(b.words).size / all >= SAME) return true;
  return endsOtherwise(a.plain, b.plain);
}

function partsOf(text: string, analyse: (text: string) => string[]) {
  const plain =
    text
      .toLowerCase()
      .replaceAll(/['’]/g, '')
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const numbers = plain.filter((word) => /\p{N}/u.test(word)).join(' ');
  const words = new Set(analyse(text).filter((word) => !/\p{N}/u.test(word) && !NEGATIONS.has(word)));
  return { plain: [...plain], numbers, words, isNegated: plain.some((word) => NEGATIONS.has(word)) };
}

function endsOtherwise(a: readonly string[], b: readonly string[]): boolean {
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  const [restA, restB] = [a.length - same, b.length - same];
  if (same < LEAST_BEGIN || restA === 0 || restB === 0) return false;
  return restA <= MOST_END && restB <= MOST_END && same / Math.min(a.length, b.length) >= 0.6;
}
