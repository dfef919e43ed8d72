import type { DraftMemory } from '../format.ts';
import { sectionsOf } from './markdown.ts';

/** Longest text of one memory, in characters. */
export const MAX_TEXT = 4_000;

/** The parts of a day's log. */
export function dailyNotes(text: string, day: Date, origin: DraftMemory['origin'] = 'agent'): DraftMemory[] {
  return sectionsOf(text).flatMap(({ heading, text: section }) => {
    const plain = withoutComments(section);
    if (plain === '') return [];
    const whole = heading === '' ? plain : `${heading}\n${plain}`;
    const parts: string[] = [];
    for (let at = 0; at < whole.length; at += MAX_TEXT) parts.push(whole.slice(at, at + MAX_TEXT).trim());
    return parts.map((part) => ({
      text: part,
      kind: 'note' as const,
      origin,
      category: 'context' as const,
      importance: 2,
      at: day,
    }));
  });
}

/** Noon of the day that a path names: `memory/2026-03-01-trip.md`. */
export function dayIn(path: string): Date | undefined {
  return dateOf(/(?:^|\/)(\d{4}-\d\d-\d\d)(?:[^/]*)\.md$/.exec(path)?.[1] ?? '');
}

/** Noon of a day that is written `yyyy-mm-dd`. */
export function dateOf(text: string): Date | undefined {
  const date = new Date(`${text.slice(0, 10)}T12:00:00.000Z`);
  return /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(date.getTime()) ? date : undefined;
}

/** A text without its comments. */
export function withoutComments(text: string): string {
  return text
    .replaceAll(/\s*<!--[^]*?-->/g, '')
    .replaceAll(/\n[ \t]+/g, '\n')
    .trim();
}
