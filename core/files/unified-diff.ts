import { diff } from 'node:util';

/** Lines of context around a change. */
const CONTEXT = 3;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** What differs between two versions of a file, as `git apply` and `patch` take it. Empty when nothing does. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const lines = linesBetween(splitLines(before), splitLines(after));
  const changed = lines.flatMap(({ mark }, at) => (mark === ' ' ? [] : [at]));
  const hunks: { from: number; to: number }[] = [];
  for (const at of changed) {
    const last = hunks.at(-1);
    const to = Math.min(at + CONTEXT + 1, lines.length);
    if (last && at - CONTEXT <= last.to) last.to = to;
    else hunks.push({ from: Math.max(0, at - CONTEXT), to });
  }
  const head = `--- ${before === '' ? '/dev/null' : `a/${file}`}\n+++ ${after === '' ? '/dev/null' : `b/${file}`}\n`;
  return head + hunks.map(({ from, to }) => hunkOf(lines, from, to)).join('');
}

function hunkOf(lines: readonly Line[], from: number, to: number): string {
  const [above, inside] = [lines.slice(0, from), lines.slice(from, to)];
  const count = (some: readonly Line[], other: Line['mark']): number =>
    some.filter(({ mark }) => mark !== other).length;
  const range = (other: Line['mark']): string => {
    const length = count(inside, other);
    return `${count(above, other) + (length === 0 ? 0 : 1)},${length}`;
  };
  return `@@ -${range('+')} +${range('-')} @@\n${inside.map(({ mark, text }) => mark + text).join('')}`;
}

function linesBetween(before: readonly string[], after: readonly string[]): Line[] {
  // To this function an insertion is what the first text has alone, so the new one comes first.
  const marks = { '-1': '-', '0': ' ', '1': '+' } as const;
  const lines: Line[] = [];
  let added: Line[] = [];
  for (const [operation, text] of diff(after, before)) {
    const line = { mark: marks[`${operation}`], text };
    if (line.mark === '+') added.push(line);
    else if (line.mark === '-') lines.push(line);
    else {
      lines.push(...added, line);
      added = [];
    }
  }
  return [...lines, ...added];
}

/** Lines with their ends; one without says so as diffs do. */
function splitLines(text: string): string[] {
  const lines = text.split(/(?<=\n)/);
  return lines
    .map((line) => (line === '' || line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`))
    .filter((line) => line !== '');
}
