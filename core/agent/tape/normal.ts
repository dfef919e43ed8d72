import { createHash } from 'node:crypto';
import { TAKEN_OUT } from './scrub.ts';

const MONTHS =
  'Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?';
const DAY = '(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? (?:the )?)?';

const times: readonly RegExp[] = [
  /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2}\b)?/g,
  new RegExp(`\\b${DAY}\\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:${MONTHS}),? \\d{4}\\b`, 'g'),
  new RegExp(`\\b${DAY}(?:${MONTHS}) \\d{1,2}(?:st|nd|rd|th)?,? \\d{4}\\b`, 'g'),
  /\b\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?\b/g,
  /\b\d+(?:\.\d+)? ?ms\b/g,
];

/** Ids of calls and messages, UUIDs, ULIDs, long hashes. */
const IDS =
  /\b(?:call|toolu|tooluse|fc|ctc|msg|rs|resp|chatcmpl|gen|ws)[_-][A-Za-z0-9_-]{4,}|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b[0-9A-HJKMNP-TV-Z]{26}\b|\b[0-9a-f]{32,64}\b/gi;

/** Letters that may stand for one thing that was taken out. */
const LONGEST_TAKEN = 300;

/** A body without what is another every time: days and hours, ids (numbered in their order), names of secrets. Fields are in order. */
export function normalOf(body: unknown): unknown {
  const ids = new Map<string, string>();
  const idFor = (id: string): string => {
    const known = ids.get(id) ?? `<id ${ids.size + 1}>`;
    ids.set(id, known);
    return known;
  };
  const textOf = (text: string): string =>
    times
      .reduce((rest, pattern) => rest.replace(pattern, '<time>'), text.replace(IDS, idFor))
      .replace(/\[secret:[^\]]*\]/g, '[secret]');
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return textOf(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(fields.map(([key, item]) => [textOf(key), walk(item)]));
  };
  return walk(body);
}

export function hashOf(normal: unknown): string {
  return createHash('sha256').update(JSON.stringify(normal)).digest('hex');
}

/** Whether a body is like a recorded one, of which something was taken out that stands in this one. */
export function isLike(recorded: unknown, asked: unknown): boolean {
  const [first = '', ...parts] = JSON.stringify(recorded).split(TAKEN_OUT);
  const text = JSON.stringify(asked);
  if (parts.length === 0 || !text.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of parts.entries()) {
    const found = index === parts.length - 1 ? text.lastIndexOf(part) : text.indexOf(part, at + 1);
    const taken = text.slice(at, found);
    if (found <= at || taken.length > LONGEST_TAKEN || /["\s]/.test(taken)) return false;
    at = found + part.length;
  }
  return at === text.length;
}
