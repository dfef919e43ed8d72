import { wordsIn, type Word } from 'boternity';
import { Breath } from './breath.ts';
import { isMeant, type Query } from './query.ts';

/** Where what is looked for stands in a text. */
export interface Sighting {
  /** Places of the terms that were found, by their place in the query. */
  readonly terms: ReadonlySet<number>;
  /** In order and apart; UTF-16 units. */
  readonly marks: readonly Mark[];
}

export type Mark = readonly [start: number, end: number];

export interface Excerpt {
  readonly text: string;
  /** Where the hits stand in `text` (UTF-16 units). */
  readonly marks: readonly Mark[];
}

/** Marks that are worth keeping of one text. */
const MOST_MARKS = 200;

/** Looks for a query in a text; undefined when nothing of it is there. Lets others have their turn. */
export async function sight(text: string, { terms }: Query): Promise<Sighting | undefined> {
  const breath = new Breath();
  const longest = Math.max(...terms.map(({ words }) => words.length));
  const found = new Set<number>();
  const marks: Mark[] = [];
  const last: Word[] = [];
  let read = 0;
  for (const word of wordsIn(text)) {
    last.push(word);
    if (last.length > longest) last.shift();
    for (const [at, { words }] of terms.entries()) {
      const there = last.slice(-words.length);
      if (there.length < words.length || !words.every((wanted, place) => isMeant(wanted, there[place]?.word ?? '')))
        continue;
      found.add(at);
      if (marks.length < MOST_MARKS) marks.push([there[0]?.start ?? 0, word.end]);
    }
    read += 1;
    if (read % 256 === 0 && breath.isShort) await breath.rest();
  }
  return found.size === 0 ? undefined : { terms: found, marks: joined(marks) };
}

/** The piece of a text around what was found in it, on one line, about so many characters long. */
export function excerptOf(text: string, marks: readonly Mark[], length: number): Excerpt {
  const [first] = marks;
  const from = first ? startNear(text, Math.max(0, first[0] - Math.floor(length / 4))) : 0;
  const to = Math.max(endNear(text, Math.min(text.length, from + length)), from);
  const head = from > 0 ? '…' : '';
  const tail = to < text.length ? '…' : '';
  // One character for one: the places of the marks stay.
  const piece = text.slice(from, to).replaceAll(/[\s\p{Cc}]/gu, ' ');
  const shift = head.length - from;
  return {
    text: `${head}${piece}${tail}`,
    marks: marks
      .filter(([start]) => start >= from && start < to)
      .map(([start, end]): Mark => [start + shift, Math.min(end, to) + shift]),
  };
}

/** Places that overlap or touch are one. */
function joined(marks: readonly Mark[]): Mark[] {
  const all: [number, number][] = [];
  for (const [start, end] of marks.toSorted((a, b) => a[0] - b[0])) {
    const before = all.at(-1);
    if (before && start <= before[1]) before[1] = Math.max(before[1], end);
    else all.push([start, end]);
  }
  return all;
}

/** The beginning of a word near a place, never the middle of a character. */
function startNear(text: string, place: number): number {
  if (place === 0) return 0;
  const space = text.slice(place, place + 20).search(/\s/);
  return space < 0 ? whole(text, place) : place + space + 1;
}

function endNear(text: string, place: number): number {
  if (place >= text.length) return text.length;
  const space = text.slice(place - 20, place).search(/\s\S*$/);
  return space < 0 || place < 20 ? whole(text, place) : place - 20 + space;
}

function whole(text: string, place: number): number {
  return /[\udc00-\udfff]/.test(text[place] ?? '') ? place - 1 : place;
}
