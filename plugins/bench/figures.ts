import { round, withCommas } from './numbers.ts';

/** One measured value. Ids stay as they are from version to version. */
export interface Figure {
  readonly id: string;
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB' | 'turns/s';
}

/** The same of this server and of another service. */
export interface Compared extends Omit<Figure, 'value'> {
  readonly ours: number;
  readonly theirs: number;
  /** Ours divided by theirs. */
  readonly ratio: number;
}

export function figure(id: string, name: string, value: number, unit: Figure['unit'] = 'ms'): Figure {
  return { id, name, value: round(value), unit };
}

export function compared(ours: Figure, theirs: Figure): Compared {
  const { id, name, unit } = ours;
  return { id, name, unit, ours: ours.value, theirs: theirs.value, ratio: round(ours.value / theirs.value) };
}

export function tableOf(figures: readonly Figure[]): string {
  return linesOf(figures.map(({ name, value, unit }) => [name, `${withCommas(value)} ${unit}`]));
}

export function comparisonOf(figures: readonly Compared[]): string {
  const rows = figures.map(({ name, ours, theirs, ratio, unit }) => [
    name,
    `${withCommas(ours)} ${unit}`,
    `${withCommas(theirs)} ${unit}`,
    `${withCommas(ratio)} ×`,
  ]);
  return linesOf([['', 'ours', 'theirs', 'ours / theirs'], ...rows]);
}

function linesOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const cell = (text: string, at: number): string =>
    at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0);
  return rows.map((row) => `  ${row.map(cell).join('  ')}`.trimEnd()).join('\n');
}
