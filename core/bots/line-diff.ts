import { diff } from 'node:util';

/** Longest file that is compared, in lines: the time grows with the square of what differs. */
const MAX_LINES = 5_000;
/** Unchanged lines shown around a change. */
const CONTEXT = 3;

/** What differs between two versions of a text: ` `, `-` and `+` before each line, `@@` where unchanged lines are left out. */
export function lineDiff(file: string, before: Buffer | undefined, after: Buffer | undefined): string {
  const head = `--- ${before ? `sealed/${file}` : '/dev/null'}\n+++ ${after ? `folder/${file}` : '/dev/null'}\n`;
  const [old, fresh] = [linesOf(before), linesOf(after)];
  if (old.length > MAX_LINES || fresh.length > MAX_LINES) return `${head}(too long to compare)\n`;
  // To this function an insertion is what the first text has alone; that comes first, as what is gone does everywhere.
  const marks = { '-1': '+', '0': ' ', '1': '-' } as const;
  const lines = diff(old, fresh).map(([operation, line]) => `${marks[`${operation}`]}${line}`);
  return `${head}${withoutTheSame(lines).join('\n')}\n`;
}

function withoutTheSame(lines: readonly string[]): string[] {
  const isNear = (at: number): boolean =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((line) => !line.startsWith(' '));
  return lines.flatMap((line, at) => {
    if (isNear(at)) return [line];
    return at === 0 || isNear(at - 1) ? ['@@'] : [];
  });
}

function linesOf(content: Buffer | undefined): string[] {
  const text = content?.toString() ?? '';
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
