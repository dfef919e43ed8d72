import { styleText } from 'node:util';
import { widthOf } from './width.ts';

const GAP = '  ';
const CONTROLS = /(?![\n\t])\p{Cc}/gu;

/** Shows a value to a person: a list of objects as a table of the wanted columns, an object as lines, anything else as it is. */
export function formatValue(value: unknown, width: number, columns?: readonly string[]): string {
  if (Array.isArray(value)) return formatList(value, width, columns);
  if (!isObject(value)) return show(value);
  const lists = Object.entries(value).filter(([, entry]) => Array.isArray(entry) && entry.some(isObject));
  const single = Object.entries(value).filter(([key]) => !lists.some(([name]) => name === key));
  const only = lists.length === 1 && single.every(([, entry]) => Array.isArray(entry) && entry.length === 0);
  if (only) return formatList((lists[0]?.[1] ?? []) as unknown[], width, columns);
  if (
    lists.length === 0 &&
    single.length > 0 &&
    single.every(([, entry]) => Array.isArray(entry) && entry.length === 0)
  )
    return 'none';
  const blocks = lists.map(
    ([key, entry]) =>
      `\n${styleText('bold', key)}\n${formatList(entry as unknown[], width, lists.length === 1 ? columns : undefined)}`,
  );
  return [formatLines(single, ''), ...blocks].join('\n');
}

function formatLines(entries: readonly [string, unknown][], indent: string): string {
  const longest = Math.max(0, ...entries.map(([key]) => key.length));
  return entries
    .map(([key, value]) => {
      if (isObject(value) && Object.keys(value).length > 0)
        return `${indent}${key}\n${formatLines(Object.entries(value), `${indent}${GAP}`)}`;
      const text = show(value).replaceAll('\n', `\n${indent}${' '.repeat(longest)}${GAP}`);
      return `${indent}${styleText('dim', key.padEnd(longest))}${GAP}${text}`;
    })
    .join('\n');
}

function formatList(list: readonly unknown[], width: number, wanted?: readonly string[]): string {
  if (list.length === 0) return 'none';
  if (!list.every(isObject)) return list.map((entry) => show(entry)).join('\n');
  const columns = wanted ?? Object.keys(list[0] ?? {}).filter((key) => list.some((row) => !isBlank(row[key])));
  const rows = list.map((row) => columns.map((column) => show(cellOf(row, column)).replaceAll('\n', ' ')));
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => widthOf(row[at] ?? ''))));
  const table = widths.reduce((sum, each) => sum + each + GAP.length, 0);
  if (!wanted && table > width && columns.length > 6)
    return list.map((row) => formatLines(Object.entries(row), '')).join('\n\n');
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell))))
      .join(GAP)
      .trimEnd();
  return [styleText('dim', line(columns)), ...rows.map(line)].join('\n');
}

/** `usage.input` is a value within one. */
function cellOf(row: Record<string, unknown>, column: string): unknown {
  return column.split('.').reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), row);
}

/** What others wrote does not move the cursor or recolour the screen. */
function show(value: unknown): string {
  return textOf(value).replaceAll(CONTROLS, '');
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((entry) => !isObject(entry))) return value.join(', ') || '–';
  return JSON.stringify(value);
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
