import { diff } from 'node:util';
import type { DraftFile, ImportSource } from './format.ts';

/** Lines that are compared, and characters of all diffs together: the time grows with the square of what differs. */
const MAX_LINES = 2_000;
const MAX_CHARACTERS = 2_000_000;
/** Unchanged lines around a change. */
const CONTEXT = 3;

/** Diffs between what files are made of and what they become, up to a sum. */
export function createDiffs(source: ImportSource): { of(file: string, draft: DraftFile): Promise<string> } {
  let left = MAX_CHARACTERS;
  return {
    async of(file, { content, from }) {
      const [only] = from;
      const before = from.length === 1 && only !== undefined ? await source.text(only) : undefined;
      const after = asText(content);
      if (after === undefined) return '';
      const text = lineDiff(before === undefined ? '/dev/null' : (only ?? ''), file, before ?? '', after);
      left -= text.length;
      return left < 0 ? '(too much to show)\n' : text;
    },
  };
}

function asText(content: Uint8Array | string): string | undefined {
  if (typeof content === 'string') return content;
  return content.includes(0) ? undefined : new TextDecoder().decode(content);
}

/** The unified form without line numbers; empty when nothing differs. */
function lineDiff(from: string, to: string, before: string, after: string): string {
  if (before === after) return '';
  const head = `--- ${from}\n+++ ${to}\n`;
  const [old, fresh] = [linesOf(before), linesOf(after)];
  if (old.length > MAX_LINES || fresh.length > MAX_LINES) return `${head}(too long to compare)\n`;
  // To this function an insertion is what the first text has alone, so the new one comes first.
  const lines = diff(fresh, old).map(([operation, line]) => ({ mark: ['-', ' ', '+'][operation + 1] ?? ' ', line }));
  const isNear = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ mark }) => mark !== ' '),
  );
  const shown = lines.flatMap(({ mark, line }, at) => {
    if (isNear[at]) return [`${mark}${line}\n`];
    return isNear[at - 1] ? ['@@\n'] : [];
  });
  return head + shown.join('');
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
