import { quantile } from '../../plugins/bench/numbers.ts';
import type { Comparison, Row } from './compare.ts';

export interface Compared extends Comparison {
  readonly way: string;
}

/** What several ways came to with one set, a line for each kind of question, beneath a title. */
export function tableOf(title: string, compared: readonly Compared[]): string {
  const columns = Object.keys(compared[0]?.rows[0]?.parts ?? {});
  const lines = compared.flatMap((each) =>
    each.rows.map((row, index) => [
      index === 0 ? each.way : '',
      row.kind,
      String(row.questions),
      ...columns.map((column) => percent(row.parts[column])),
      ...(index === 0 ? [ms(each.times, 0.5), ms(each.times, 0.99), `$${each.cost.toFixed(4)}`] : []),
    ]),
  );
  const head = ['way', 'questions about', '', ...columns, 'p50 ms', 'p99 ms', 'cost'];
  const widths = head.map((_, at) => Math.max(...[head, ...lines].map((line) => line[at]?.length ?? 0)));
  const print = (line: readonly string[]): string =>
    line.map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return [title, ...[head, ...lines].map((line) => `  ${print(line).trimEnd()}`)].join('\n');
}

/** Part of 100, with one decimal: 0.6667 is "66.7". */
function percent(value: Row['parts'][string]): string {
  return value === undefined ? '' : (value * 100).toFixed(1);
}

function ms(times: readonly number[], part: number): string {
  return quantile(times, part).toFixed(2);
}
