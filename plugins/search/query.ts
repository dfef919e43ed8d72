import { Fault, isUnspaced, wordsIn } from 'boternity';

/** One word that is looked for. */
export interface Wanted {
  readonly word: string;
  /** Whether longer words that begin with it count too. */
  readonly isPrefix: boolean;
  /** Words of the index that are written nearly so, and count in its place. */
  readonly similar: readonly string[];
}

/** Words that must stand side by side: a phrase in quotes, or one word. */
export interface Term {
  readonly words: readonly Wanted[];
  readonly isQuoted: boolean;
}

/** What a person looks for, taken apart. */
export interface Query {
  readonly terms: readonly Term[];
}

const MOST_LETTERS = 500;
const MOST_TERMS = 16;
const MOST_WORDS = 64;
/** Below this the words that begin with it would be half of the language. */
const SHORTEST_PREFIX = 3;

/** A syllable of these tells as much as several letters. */
const SYLLABLES = /^\p{Script=Hangul}/u;

const SINGLE = /^.$/u;

/** Takes a search apart: words, and phrases in "quotes". Throws SEARCH_INVALID for one that holds no words or too many. */
export function parseQuery(text: string): Query {
  if (text.length > MOST_LETTERS) throw wrong(`is longer than ${MOST_LETTERS} characters`);
  const terms = [...text.replaceAll(/[“”„«»]/g, '"').matchAll(/"([^"]*)"?|[^\s"]+/g)].flatMap(([whole, quoted]) => {
    const words = wordsOf(quoted ?? whole, quoted !== undefined);
    return words.length === 0 ? [] : [{ words, isQuoted: quoted !== undefined }];
  });
  if (terms.length === 0) throw wrong('holds no word');
  const words = terms.reduce((sum, term) => sum + term.words.length, 0);
  if (terms.length > MOST_TERMS || words > MOST_WORDS) throw wrong(`holds more than ${MOST_TERMS} words`);
  return { terms };
}

function wordsOf(written: string, isQuoted: boolean): Wanted[] {
  const found = [...wordsIn(written)].map(({ word }) => word);
  const last = found.at(-1) ?? '';
  // Behind pairs the last character stands alone; in a text another may follow it.
  if (found.length > 1 && isUnspaced(last) && SINGLE.test(last)) found.pop();
  return found.map((word, at) => {
    const isOpen = !isQuoted && at === found.length - 1 && (word.length >= SHORTEST_PREFIX || SYLLABLES.test(word));
    return { word, isPrefix: isOpen || (isUnspaced(word) && SINGLE.test(word)), similar: [] };
  });
}

function wrong(what: string): Fault {
  return new Fault('SEARCH_INVALID', `The search ${what}.`, { details: [{ path: 'text', message: what }] });
}

/** Whether a word of a text is one that is looked for. */
export function isMeant(wanted: Wanted, word: string): boolean {
  return word === wanted.word || (wanted.isPrefix && word.startsWith(wanted.word)) || wanted.similar.includes(word);
}
