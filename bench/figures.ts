import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

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

/** How long to look at the processors before a benchmark begins, in milliseconds. */
const WATCHED_MS = 500;
/** What others may use of them without a word, from 0 to 1. */
const QUIET_PART = 0.15;

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
  const print = (text: string): void => {
    if (!json) console.log(`${benchmark.name}: ${benchmark.about}${warning(busyBefore)}\n${text}\n`);
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

/** The value below which `part` (0 to 1) of the samples lie. NaN without samples. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
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

/** The part of all processors (0 to 1) that others use while this process sleeps. */
async function busyPart(): Promise<number> {
  const before = processorTimes();
  await sleep(WATCHED_MS);
  const after = processorTimes();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

function processorTimes(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((each) => Object.values(each))) };
}

function warning(busy: number): string {
  if (busy <= QUIET_PART) return '';
  return ` (others used ${Math.round(busy * 100)} % of the processors: read the figures with care)`;
}

function withCommas(value: number): string {
  return round(value).toLocaleString('en-US');
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}
