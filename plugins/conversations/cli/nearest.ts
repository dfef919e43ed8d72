/** The word that was probably meant; undefined when none is close. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const begun = known.filter((each) => each.startsWith(word));
  if (begun.length === 1) return begun[0];
  const [best] = known
    .map((each) => ({ each, distance: distanceOf(word, each) }))
    .filter(({ each, distance }) => distance <= Math.max(1, each.length / 3))
    .toSorted((a, b) => a.distance - b.distance);
  return best?.each;
}

/** How many letters have to be changed, added or taken away (Levenshtein). */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [at, letter] of Array.from(from).entries()) {
    const next = [at + 1];
    for (let column = 0; column < to.length; column += 1) {
      const isSame = letter === to[column];
      const replaced = (row[column] ?? 0) + (isSame ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
