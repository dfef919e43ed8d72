import stem from 'wink-porter2-stemmer';
import { isUnspaced, plainOf, wordsIn, type Term } from 'boternity';
import { stopWords } from './stop-words.ts';

/** Names what is below. Raised with every change of it: indexes are then made anew. */
export const ANALYSER = 'analyser 1';

/** What the parts of something count in a query that is asked for as a whole, and a whole whose parts are asked for. */
const BESIDE = 0.3;
/** Parts between signs, as in `2026-05-04`, `v1.2.3`, `jane@x.org`, `snake_case`, `wi-fi`; and languages that end in a sign. */
const COMPOUND = /[\p{L}\p{M}\p{N}]+(?:[-._@:/+][\p{L}\p{M}\p{N}]+)+|\b[A-Za-z](?:\+\+|#)(?![\p{L}\p{N}])/gu;
/** What makes a compound a name for one thing. */
const NAMING = /[\p{N}@_]|[+#]$/u;
const CAMEL = /\p{Ll}\p{Lu}/u;
const HUMP = /(?<=\p{Ll})(?=\p{Lu})/u;
const LETTERS = /^[a-z]{3,}$/;
const ORDINAL = /^(\d+)(?:st|nd|rd|th)$/;
const THOUSANDS = /(?<=\d),(?=\d{3}(?!\d))/g;
const SINGLE = /^.$/u;
const MOST_STEMS = 20_000;

interface Token {
  readonly word: string;
  readonly weight: number;
  readonly isStop: boolean;
}

const stems = new Map<string, string>();

/** The words of a text as they are compared: without endings, without stop words unless there are no others, names also by their parts. */
export function analyse(text: string): string[] {
  return telling(tokensOf(text)).map(({ word }) => word);
}

/** The words of a query, each once; parts of names count less than the whole. */
export function analyseQuery(text: string): Term[] {
  const tokens = telling(tokensOf(text));
  // Behind pairs the last character of a script without spaces stands alone; in a text another may follow it.
  const whole = tokens.filter(({ word }) => !(SINGLE.test(word) && isUnspaced(word)));
  const weights = new Map<string, number>();
  for (const { word, weight } of whole.length > 0 ? whole : tokens)
    weights.set(word, Math.max(weight, weights.get(word) ?? 0));
  return Array.from(weights, ([word, weight]) => ({ word, weight }));
}

function telling(tokens: readonly Token[]): readonly Token[] {
  const some = tokens.filter(({ isStop }) => !isStop);
  return some.length > 0 ? some : tokens;
}

function tokensOf(written: string): Token[] {
  const text = written.replaceAll(THOUSANDS, '');
  const tokens: Token[] = [];
  let at = 0;
  for (const compound of text.matchAll(COMPOUND)) {
    tokens.push(...plainTokens(text.slice(at, compound.index)), ...compoundTokens(compound[0]));
    at = compound.index + compound[0].length;
  }
  tokens.push(...plainTokens(text.slice(at)));
  return tokens;
}

function plainTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { word, start, end } of wordsIn(text)) {
    tokens.push(token(word));
    const written = text.slice(start, end);
    if (!CAMEL.test(written)) continue;
    const humps = written.split(HUMP).map(plainOf);
    for (const hump of humps) if (hump.length > 2) tokens.push(token(hump, BESIDE));
  }
  return tokens;
}

function compoundTokens(written: string): Token[] {
  const parts = plainTokens(written);
  if (NAMING.test(written)) {
    const beside = parts.flatMap(({ word, isStop }) => (word.length > 1 ? [{ word, weight: BESIDE, isStop }] : []));
    return [{ word: plainOf(written), weight: 1, isStop: false }, ...beside];
  }
  if (written.includes('.')) return [...parts, { word: plainOf(written), weight: BESIDE, isStop: false }];
  const isJoined = written.includes('-') && !written.includes('/') && parts.length <= 3;
  return isJoined ? [...parts, token(plainOf(written.replaceAll('-', '')), BESIDE)] : parts;
}

function token(word: string, weight = 1): Token {
  return { word: stemOf(word), weight, isStop: stopWords.has(word) };
}

/**
 * English endings go from every word of plain Latin letters, whatever the language of the text: a query is too short to tell its language, and
 * both must be treated alike. For other languages that is rarely more than an -s or -en less, on both sides.
 */
function stemOf(word: string): string {
  if (!LETTERS.test(word)) return word.replace(ORDINAL, '$1');
  const known = stems.get(word);
  if (known !== undefined) return known;
  if (stems.size >= MOST_STEMS) stems.clear();
  const found = stem(word);
  stems.set(word, found);
  return found;
}
