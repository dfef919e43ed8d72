import { cpus } from 'node:os';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { endAll } from '../plugins/bench/children.ts';
import { busyPart, warningOf } from '../plugins/bench/machine.ts';
import { round, withCommas } from '../plugins/bench/numbers.ts';

export type Unit = 'ms' | 's' | 'MB' | 'MB/s' | 'bytes' | 'turns/s' | '/s' | '×' | '%' | '';

/** One measured value. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** What it should be. Figures without one are printed for comparison only. */
  readonly goal?: { readonly most: number } | { readonly least: number };
}

/** What a benchmark found. */
export interface Findings {
  readonly figures: readonly Figure[];
  /** What does not fit into one figure a line: printed above them. */
  readonly tables?: readonly string[];
  /** What a reader must know to judge the figures: settings, counts, surprises. */
  readonly notes: Readonly<Record<string, string | number | boolean>>;
}

export interface Benchmark {
  readonly name: string;
  /** One sentence above its table. */
  readonly about: string;
  /** `isQuick` takes the smallest numbers that still go through every step; its figures mean nothing. */
  run(isQuick: boolean): Promise<Findings>;
}

interface Options {
  readonly quick?: boolean;
  readonly json?: boolean;
}

process.once('SIGINT', leaveNothing);
process.once('SIGTERM', leaveNothing);

/**
 * Runs benchmarks one after the other; prints a table each, then one line of JSON. `--quick` is for the test that they run at
 * all, `--json` leaves the tables out; `more` options are those that a benchmark reads itself. A benchmark that fails says why, the
 * others go on, and the exit code is 1.
 */
export async function runBenchmarks(
  benchmarks: readonly Benchmark[],
  more: ParseArgsOptionsConfig = {},
): Promise<void> {
  const own = { quick: { type: 'boolean' }, json: { type: 'boolean' } } as const;
  const options: Options = parseArgs({ options: { ...more, ...own } }).values;
  const results: Record<string, object> = {};
  for (const benchmark of benchmarks) results[benchmark.name] = await runOne(benchmark, options);
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model ?? '' };
  console.log(JSON.stringify({ at: new Date().toISOString(), isQuick: options.quick ?? false, machine, results }));
}

async function runOne(benchmark: Benchmark, { quick = false, json = false }: Options): Promise<object> {
  const busyBefore = await busyPart();
  const warning = warningOf(busyBefore);
  const print = (text: string): void => {
    if (!json) console.log(`${benchmark.name}: ${benchmark.about}${warning && ` (${warning})`}\n${text}\n`);
  };
  try {
    const { figures, tables = [], notes } = await benchmark.run(quick);
    print([...tables.map((table) => `${table}\n`), tableOf(figures), describe(notes)].join('\n'));
    return { busyBefore: round(busyBefore), notes, figures: figures.map(judged) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    print(`  failed: ${message}`);
    process.exitCode = 1;
    return { error: message };
  }
}

function judged(figure: Figure): object {
  const { goal } = figure;
  return { ...figure, value: round(figure.value), ...(goal && { isMet: isMet(figure.value, goal) }) };
}

function isMet(value: number, goal: NonNullable<Figure['goal']>): boolean {
  return 'most' in goal ? value <= goal.most : value >= goal.least;
}

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, goal }) => [
    name,
    `${withCommas(value)} ${unit}`.trimEnd(),
    goal ? `${'most' in goal ? '≤' : '≥'} ${withCommas('most' in goal ? goal.most : goal.least)} ${unit}` : '',
    goal ? (isMet(value, goal) ? 'pass' : 'MISS') : '',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = ([name = '', value = '', goal = '', verdict = '']: readonly string[]): string =>
    `  ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${goal.padStart(widths[2] ?? 0)}  ${verdict}`;
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

function describe(notes: Findings['notes']): string {
  return Object.entries(notes)
    .map(([name, value]) => `  # ${name}: ${String(value)}`)
    .join('\n');
}

/** A benchmark that is stopped takes its processes with it. */
function leaveNothing(): void {
  endAll();
  process.exit(130);
}
