/** A word of a text as indexes and queries compare it, and where it stands (UTF-16 units). */
export interface Word {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Longer ones are no words but data; they are known by their beginning. */
const LONGEST = 40;

/** What a word is made of, in any script: letters and the marks on them, numbers. */
const RUN = /[\p{L}\p{M}\p{N}]+/gu;
/** Scripts that put no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]+/gu;
const ACCENTS = /[\u0300-\u036f]/g;
const PLAIN = /^[a-z0-9]+$/;

/**
 * The words of a text in order, without case and accents. Where a script puts no spaces between words each pair of characters is one, and
 * the last character alone.
 */
export function* wordsIn(text: string): Generator<Word> {
  for (const run of text.matchAll(RUN)) {
    let at = 0;
    const [written] = run;
    if (!PLAIN.test(written)) {
      for (const unspaced of written.matchAll(UNSPACED)) {
        yield* spaced(written.slice(at, unspaced.index), run.index + at);
        yield* pairs(unspaced[0], run.index + unspaced.index);
        at = unspaced.index + unspaced[0].length;
      }
    }
    yield* spaced(written.slice(at), run.index + at);
  }
}

/** A word as it is compared: `Straße` and `STRASSE` are one, `Zürich` and `zurich` too. */
export function plainOf(written: string): string {
  const lower = written.toLowerCase();
  if (PLAIN.test(lower)) return lower.slice(0, LONGEST);
  const plain = lower.normalize('NFKD').replaceAll(ACCENTS, '').normalize('NFC').toLowerCase();
  return plain.replaceAll('ß', 'ss').replaceAll('æ', 'ae').replaceAll('ø', 'o').replaceAll('ł', 'l').slice(0, LONGEST);
}

/** Whether a word is of a script that puts no spaces between words: its beginning alone is worth looking for. */
export function isUnspaced(word: string): boolean {
  return word.search(UNSPACED) === 0;
}

function* spaced(written: string, start: number): Generator<Word> {
  const word = plainOf(written);
  if (word !== '') yield { word, start, end: start + written.length };
}

function* pairs(run: string, start: number): Generator<Word> {
  let before: { readonly character: string; readonly start: number } | undefined;
  let at = start;
  for (const character of run) {
    const end = at + character.length;
    if (before) yield { word: plainOf(before.character + character), start: before.start, end };
    before = { character, start: at };
    at = end;
  }
  if (before) yield { word: plainOf(before.character), start: before.start, end: at };
}
