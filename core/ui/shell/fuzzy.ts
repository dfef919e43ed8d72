/**
 * How well words that somebody types fit a text: 0 for not at all, more is better. Every word must be found, as letters in their
 * order; letters side by side and beginnings of words count for more.
 */
export function fit(typed: string, text: string): number {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const plain = text.toLowerCase();
  let total = 1;
  for (const word of words) {
    const found = fitWord(word, plain);
    if (found === 0) return 0;
    total += found;
  }
  return total;
}

function fitWord(word: string, text: string): number {
  const at = text.search(new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(word)}`, 'u'));
  if (at >= 0) return 100 - Math.min(at, 40);
  const inside = text.indexOf(word);
  if (inside >= 0) return 50 - Math.min(inside, 20);
  return word.length > 2 ? fitLetters(word, text) : 0;
}

/** Letters in their order, no further apart than a few words. */
function fitLetters(word: string, text: string): number {
  let at = -1;
  let apart = 0;
  for (const letter of word) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return 0;
    if (at >= 0) apart += next - at - 1;
    at = next;
  }
  return apart > word.length * 3 ? 0 : Math.max(1, 20 - apart);
}
