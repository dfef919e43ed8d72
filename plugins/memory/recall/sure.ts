import { editDistance } from 'boternity';
import { askedFor, focusOf, holds, type Wanted } from './asks-for.ts';
import { othersOf } from './lexicon.ts';
import { lightWords, nameWords, type Analyser } from './question.ts';

/** Something that was found, with its text. */
export interface Candidate {
  readonly text: string;
  /** When it was learned, in milliseconds since 1970. */
  readonly at: number;
  /** Cosine of the angle between its vector and that of the question; undefined without vectors. */
  readonly similarity?: number | undefined;
  /** Whether its meaning is much nearer to the question than that of all others. */
  readonly standsOut?: boolean;
}

/** Part of what is asked that has to be in it; measured with the tuning half of bench/retrieval. */
const LEAST = 0.6;
/** And least part of what the best one has. */
const LEAST_OF_BEST = 0.9;
/** Words that ask, and those of which most texts have some, count so much. */
const LIGHT = 0.25;
/** The word for what is wanted so much, and that for its kind so much. */
const THING = 1.5;
const KIND = 0.5;
/** Similarity from which on other words will do. */
const ALIKE = 0.7;
/** What says that something is not as it was. */
const CHANGED =
  /\b(?:now|instead|no more|moved|changed|no longer|not any ?more|anymore|cancelled|canceled|again|since|new|switched|replaced|sold|raised|lowered|postponed|brought forward|quit|left|became|from now on|jetzt|inzwischen|stattdessen|nicht mehr|neue[nrs]?|umgezogen|verschoben|ahora|ya no)\b/i;

/** One thing that a question asks. */
interface Part {
  /** Words, each with the others that will do; and how much it counts. */
  readonly words: readonly {
    readonly first: string;
    readonly any: ReadonlySet<string>;
    readonly weight: number;
    readonly isName: boolean;
  }[];
  readonly wanted: Wanted | undefined;
}

interface Judged<C> {
  readonly candidate: C;
  readonly covered: number;
  readonly has: ReadonlySet<string>;
}

/**
 * Of what was found, only that of which one can be fairly sure that it answers the question: what comes to mind unasked must not be
 * noise. It has to be about whom the question names, hold most of what is asked, and the kind of thing that is asked for; of two
 * that answer the same the later one counts where things have changed.
 */
export function sure<C extends Candidate>(question: string, found: readonly C[], analyser: Analyser): C[] {
  if (found.length === 0) return [];
  const parts = partsOf(question, found, analyser);
  const kept = new Set<C>();
  for (const part of parts) {
    const judged = found.map((candidate) => judge(part, candidate, analyser));
    const best = judged.reduce((most, { covered }) => Math.max(most, covered), 0);
    const good = judged.filter(({ covered }) => covered >= LEAST && covered >= best * LEAST_OF_BEST);
    for (const { candidate } of good.filter((each) => !good.some((other) => outdates(other, each, part))))
      kept.add(candidate);
  }
  return found.filter((candidate) => kept.has(candidate));
}

/** A question for two things, or about two people, is two questions; whom it names is meant in all of them. */
function partsOf(question: string, found: readonly Candidate[], analyser: Analyser): Part[] {
  const texts = found.map(({ text }) => text);
  const names = nameWords(question, analyser, texts);
  const whole = partOf(question, names, analyser);
  if (whole.words.every(({ weight }) => weight <= LIGHT)) return [];
  const people = listedNames(question, names, analyser);
  if (people.length > 1) return people.map((person) => withoutOthers(whole, person, people));
  const pieces = question.split(/;|\?|\b(?:and|und|y)\b/i).filter((piece) => /\p{L}/u.test(piece));
  const parts = pieces.map((piece) => partOf(piece, names, analyser));
  const telling = parts.filter(({ words }) => words.some(({ weight, isName }) => weight >= 1 && !isName));
  if (telling.length < 2) return [whole];
  const named = whole.words.filter(({ isName }) => isName);
  return telling.map((part) => {
    const isNamed = part.words.some(({ isName }) => isName);
    return { words: isNamed ? part.words : [...part.words, ...named], wanted: part.wanted ?? whole.wanted };
  });
}

/** The question as it is meant for one of several people. */
function withoutOthers(
  { words, wanted }: Part,
  person: ReadonlySet<string>,
  people: readonly ReadonlySet<string>[],
): Part {
  const isOther = (word: string): boolean => !person.has(word) && people.some((other) => other.has(word));
  return { words: words.filter(({ first }) => !isOther(first)), wanted };
}

/** Names that stand in a row, `Anna, Tom and Eva`: the words of each. */
function listedNames(question: string, names: ReadonlySet<string>, { analyse }: Analyser): ReadonlySet<string>[] {
  const pieces = question.split(/,|\b(?:and|or|und|oder|y|o)\b/i);
  if (pieces.length < 2) return [];
  const lists = pieces.map((piece, at) => {
    // Of what stands before the last name, and behind the first, only what is next to the sign counts.
    const words = piece.trim().split(/\s+/);
    const near = at === 0 ? words.slice(-2) : at === pieces.length - 1 ? words.slice(0, 2) : words;
    return new Set(near.flatMap((word) => analyse(word)).filter((word) => names.has(word)));
  });
  return lists.every(({ size }) => size > 0) ? lists : [];
}

function partOf(piece: string, names: ReadonlySet<string>, analyser: Analyser): Part {
  const { wanted, rest } = askedFor(piece);
  const light = lightWords(rest, analyser);
  const { thing, kind } = focusOf(rest);
  const things = new Set(analyser.analyse(thing ?? ''));
  const kinds = new Set(analyser.analyse(kind ?? ''));
  const terms = analyser.analyseQuery(rest);
  const named = terms.filter(({ word }) => names.has(word)).length;
  const words = terms.map(({ word, weight = 1 }) => {
    const isName = names.has(word);
    // First and last name are one.
    if (isName)
      return {
        first: word,
        any: new Set([word]),
        weight: weight / named,
        isName,
      };
    const any = new Set([word, ...othersOf(word, analyser.analyse)]);
    return {
      first: word,
      any,
      weight: light.has(word) ? LIGHT : things.has(word) ? THING : kinds.has(word) ? KIND : weight,
      isName,
    };
  });
  return { words, wanted };
}

function judge<C extends Candidate>({ words, wanted }: Part, candidate: C, { analyse }: Analyser): Judged<C> {
  const own = new Set(analyse(candidate.text));
  const rest = withoutNames(candidate.text, words);
  const has = new Set<string>();
  const isOfKind = wanted === undefined || holds(rest, wanted);
  let all = wanted === undefined ? 0 : 1;
  let covered = wanted !== undefined && isOfKind ? 1 : 0;
  let isOther = false;
  for (const { first, any, weight, isName } of words) {
    all += weight;
    if ([...any].some((word) => own.has(word)) || (!isName && isSlip(first, own))) {
      covered += weight;
      if (weight > LIGHT) has.add(first);
    } else if (isName) isOther = true;
  }
  const isTold = has.size > 0 || words.every(({ weight }) => weight <= LIGHT);
  const byWords = isOther || !isTold || all === 0 ? 0 : covered / all;
  const isAlike = (candidate.similarity ?? 0) >= ALIKE || (candidate.standsOut === true && isOfKind);
  const byMeaning = !isOther && isAlike ? 1 : 0;
  return { candidate, covered: Math.max(byWords, byMeaning), has };
}

/** A number in a name is no answer. */
function withoutNames(text: string, words: Part['words']): string {
  const numbers = words.filter(({ first, isName }) => isName && /\d/.test(first)).map(({ first }) => first);
  return numbers.reduce((rest, number) => rest.replaceAll(number, ' '), text);
}

/** Whether a later one says anew what an earlier one said. */
function outdates<C extends Candidate>(later: Judged<C>, earlier: Judged<C>, { wanted }: Part): boolean {
  if (later.candidate.at <= earlier.candidate.at || earlier.has.size === 0) return false;
  if (!earlier.has.isSubsetOf(later.has)) return false;
  return wanted !== undefined || CHANGED.test(later.candidate.text);
}

/** A long word that differs by one letter. */
function isSlip(word: string, own: ReadonlySet<string>): boolean {
  if (word.length < 6) return false;
  for (const other of own)
    if (Math.abs(other.length - word.length) <= 1 && editDistance(word, other, 1) <= 1) return true;
  return false;
}
