/** How many letters may be wrong in a word of this length. */
export function slipsIn(word: string): number {
  if (word.length < 4) return 0;
  return word.length < 8 ? 1 : 2;
}
