/** Words that say nothing about a subject. */
const PLAIN_WORDS = new Set(
  (
    'a about all always am an and any are as at be been but by can could did do does for from had has have how i if in ' +
    'is it its just know let like make may me more my need never no not of on one or other our out people please say ' +
    'should so some something tell than that the their them then there these they thing think this those to up us very ' +
    'want was way we were what when where which who why will with would you your'
  ).split(' '),
);

/** The words of a text in order, in lower case, plurals cut to their stem. */
export function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(stem);
}

/** The words that say what a text is about. */
export function tellingWords(text: string): Set<string> {
  return new Set(wordsOf(text).filter((word) => !PLAIN_WORDS.has(word)));
}

/** How many of the words occur in the text. */
export function overlap(words: ReadonlySet<string>, text: string): number {
  const found = tellingWords(text);
  let count = 0;
  for (const word of words) if (found.has(word)) count += 1;
  return count;
}

/** Cuts at a word, so that at most so many characters are left. */
export function shorten(text: string, length: number): string {
  const line = text
    .slice(0, length * 20)
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (line.length <= length) return line;
  const cut = line.slice(0, length);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), length / 2)).trimEnd()} …`;
}

function stem(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
