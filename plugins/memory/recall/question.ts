import type { Term } from 'boternity';
import { othersOf } from './lexicon.ts';
import { timeIn, type Span } from './times.ts';

/** What somebody wants to know, as memories are looked for. */
export interface Question {
  /** Words as the index compares them, most telling first in weight. */
  readonly terms: readonly Term[];
  /** Those that are names of somebody or something, or numbers: what has others is about something else. */
  readonly names: ReadonlySet<string>;
  readonly time: Span | undefined;
  /** Words that were asked, and how much each counts; among the terms are more, which mean nearly the same: `meant` says as what. */
  readonly asked: ReadonlyMap<string, number>;
  readonly meant: ReadonlyMap<string, string>;
}

/** Names and numbers tell more than other words. */
const NAME_WEIGHT = 1.5;
/** Words that ask, and say nothing of what is asked for. */
const ASKING_WEIGHT = 0.3;
/** Words of a time that is understood: most texts of that time do not name it. */
const TIME_WEIGHT = 0.4;
/** Words of what was said before, where the question alone says little. */
const BEFORE_WEIGHT = 0.25;
/** Words that mean nearly the same count so much of the one that is asked for. */
const OTHER_WEIGHT = 0.4;
/** With fewer words than these a question leans on what was said before. */
const FEW = 3;
/** Different words of a question, at most: of a long message the rarest tell enough, and each costs time. */
const MOST_TERMS = 64;

/** Words that ask, or that most texts could have, and say nothing of what is asked for. */
const ASKING = new Set(
  (
    'tell told remember know say said mention remind recall talk ask think please thing things get give make do does have take go use want need ' +
    'come put keep find look see help out up off over down back still again really actually exactly currently days kind sort type reason called name names ' +
    'name first last mr mrs ms dr sag sagte erinner weiss weisst weißt erzähl bitte mach macht machen hat haben geht gibt eigentlich heißt heisst ' +
    'dime sabe sabes hace tiene'
  ).split(' '),
);
/** What a message says that goes on with what was said before. */
const GOES_ON =
  /\b(?:it|its|that|this|those|these|there|he|him|his|she|her|hers|they|them|their|one|ones|too|also|else|same|er|sie|es|ihn|ihm|ihr|das|dort|auch|él|ella|eso|ahí|también)\b/i;
const CALENDAR =
  /^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|november|december|christmas|easter)$/i;

/** Takes texts and questions apart, as the index does. */
export interface Analyser {
  readonly analyse: (text: string) => string[];
  /** Each word once, without those that tell nothing. */
  readonly analyseQuery: (text: string) => readonly Term[];
}

/** Understands a question. `before` is what was said before it, latest first. */
export function questionOf(
  text: string,
  { now, analyser, before = [] }: { now: Date; analyser: Analyser; before?: readonly string[] },
): Question {
  const time = timeIn(text, now);
  const timeWords = new Set(time ? analyser.analyse(time.words) : []);
  const weights = new Map(analyser.analyseQuery(text).map(({ word, weight = 1 }) => [word, weight]));
  const names = nameWords(text, analyser);
  const light = lightWords(text, analyser);
  for (const [word, weight] of weights) {
    if (names.has(word)) weights.set(word, weight * NAME_WEIGHT);
    else if (timeWords.has(word)) weights.set(word, weight * TIME_WEIGHT);
    else if (light.has(word)) weights.set(word, weight * ASKING_WEIGHT);
  }
  const telling = [...weights].filter(([word]) => !light.has(word)).length;
  if (telling === 0 || (telling < FEW && GOES_ON.test(text)))
    for (const said of before)
      for (const { word } of analyser.analyseQuery(said)) if (!weights.has(word)) weights.set(word, BEFORE_WEIGHT);
  const asked = new Map(weights);
  const meant = new Map<string, string>();
  for (const [word, weight] of asked)
    for (const other of names.has(word) ? [] : othersOf(word, analyser.analyse)) {
      if (weights.has(other)) continue;
      weights.set(other, weight * OTHER_WEIGHT);
      meant.set(other, word);
    }
  const terms = Array.from(weights, ([word, weight]) => ({ word, weight })).filter(({ weight }) => weight > 0);
  return { terms: terms.slice(0, MOST_TERMS), names, time, asked, meant };
}

/**
 * Words of a question that name somebody or something, as the index compares them: numbers, and what is written as a name there or, where
 * people write small or begin with it, in one of the texts.
 */
export function nameWords(question: string, analyser: Analyser, texts: readonly string[] = []): Set<string> {
  const named = new Set(texts.flatMap((text) => [...capitals(text)]).map((written) => written.toLowerCase()));
  const names = new Set<string>();
  const all = [...wordsIn(question)];
  for (const { written, opens } of all) {
    const isName =
      /\d/.test(written) || (isCapital(written) && !opens) || named.has(written.toLowerCase().replace(/['’]s$/, ''));
    if (!isName || CALENDAR.test(written) || TITLES.has(written.toLowerCase())) continue;
    for (const word of analyser.analyse(written)) names.add(word);
  }
  const known = new Set(analyser.analyseQuery(question).map(({ word }) => word));
  for (const word of names) if (!known.has(word)) names.delete(word);
  // Where all nouns are written so it means nothing.
  if (names.size > 2 && names.size > known.size * 0.7)
    for (const word of names) if (!/\d/.test(word)) names.delete(word);
  return names;
}

/** Words of a text that ask and tell nothing, as the index compares them. */
export function lightWords(text: string, analyser: Analyser): Set<string> {
  const words = [...wordsIn(text)].filter(({ written }) => ASKING.has(written.toLowerCase()));
  return new Set(words.flatMap(({ written }) => analyser.analyse(written)));
}

function* capitals(text: string): Generator<string> {
  for (const { written, opens } of wordsIn(text)) if (isCapital(written) && !opens) yield written.replace(/['’]s$/, '');
}

function isCapital(written: string): boolean {
  return /^\p{Lu}/u.test(written);
}

/** A point behind these ends no sentence. */
const TITLES = new Set(['mr', 'mrs', 'ms', 'dr', 'prof', 'st', 'nr', 'no', 'hr', 'fr']);

/** The words of a text as they are written, and whether each begins a sentence. */
function* wordsIn(text: string): Generator<{ readonly written: string; readonly opens: boolean }> {
  let opens = true;
  let before = '';
  for (const [piece] of text.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’.@_-][\p{L}\p{M}\p{N}]+)*|[.!?:\n]/gu)) {
    if (/^[.!?:\n]$/.test(piece)) opens ||= !TITLES.has(before.toLowerCase());
    else {
      yield { written: piece, opens };
      opens = false;
      before = piece;
    }
  }
}

/** Which part of what was asked has these words, 0 to 1. */
export function shareOf({ asked, meant }: Question, words: readonly string[]): number {
  const had = new Set(words.map((word) => meant.get(word) ?? word));
  let all = 0;
  let share = 0;
  for (const [word, weight] of asked) {
    all += weight;
    if (had.has(word)) share += weight;
  }
  return all === 0 ? 0 : share / all;
}
