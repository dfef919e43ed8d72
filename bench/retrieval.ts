import { parseArgs } from 'node:util';
import { quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { problemsOf, readSets } from './retrieval/check.ts';
import { compareConversations, compareCranfield, comparePrecision, type Comparison } from './retrieval/compare.ts';
import { halves, type Half } from './retrieval/sets.ts';
import { tableOf, type Compared } from './retrieval/tables.ts';
import type { Way } from './retrieval/way.ts';
import { quickWays, ways } from './retrieval/ways.ts';

const sets = ['conversations', 'precision', 'cranfield'] as const;
type SetName = (typeof sets)[number];

const extra = {
  set: { type: 'string', multiple: true },
  way: { type: 'string', multiple: true },
  misses: { type: 'boolean' },
} as const;

/** The figure of each set that says most, for all its questions. */
const telling = { conversations: 'recall@10', precision: 'wholly right', cranfield: 'nDCG@10' } as const;

/**
 * How well things are found again. `--set conversations|precision|cranfield` and `--way <name>` take only these, more than once if
 * wanted; `--misses` lists what went wrong, of the tuning half only: who has seen what the other one misses has begun to tune on it.
 */
export const retrieval: Benchmark = {
  name: 'retrieval',
  about: 'what is found again, by every way; parts of 100. Tune on the tuning half, report the other',
  async run(isQuick) {
    const problems = problemsOf(await readSets());
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const { values } = parseArgs({ options: extra, strict: false });
    const chosenSets = pick(sets, values.set, (name) => name);
    const chosenWays = pick(isQuick ? quickWays : ways, values.way, ({ name }) => name);
    const figures: Figure[] = [];
    const tables: string[] = [];
    for (const set of chosenSets)
      for (const half of set === 'cranfield' ? [undefined] : halves) {
        const compared = await compareAll(chosenWays, set, half, isQuick);
        tables.push(tableOf(titleOf(set, half), compared));
        if (values.misses === true && half === 'tuning') tables.push(...compared.map(missesOf));
        if (half !== 'tuning') figures.push(...figuresOf(set, compared));
      }
    return { figures, tables, notes: { ways: chosenWays.map(({ name }) => name).join(', ') } };
  },
};

async function compareAll(
  ways: readonly Way[],
  set: SetName,
  half: Half | undefined,
  isQuick: boolean,
): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const way of ways) compared.push({ way: way.name, ...(await compareOne(way, set, half, isQuick)) });
  return compared;
}

async function compareOne(way: Way, set: SetName, half: Half | undefined, isQuick: boolean): Promise<Comparison> {
  if (set === 'cranfield' || !half) return compareCranfield(way, isQuick);
  return set === 'precision' ? comparePrecision(way, half, isQuick) : compareConversations(way, half, isQuick);
}

/** What is reported: of the reporting halves and of Cranfield. Only the way that bots use has goals. */
function figuresOf(set: SetName, compared: readonly Compared[]): Figure[] {
  const value = (each: Compared | undefined): number => 100 * (each?.rows[0]?.parts[telling[set]] ?? 0);
  const [baseline] = compared;
  return compared.flatMap((each) => {
    const name = `${set}, ${each.way}`;
    const over = value(each) - value(baseline);
    return [
      { name: `${name}: ${telling[set]}`, value: value(each), unit: '%', ...goalOf(set, each.way) },
      ...(set === 'conversations' && each.way === 'words'
        ? [{ name: `${name}: over ${baseline?.way ?? ''}`, value: over, unit: '%', goal: { least: 5 } } as const]
        : []),
      { name: `${name}: p50`, value: quantile(each.times, 0.5), unit: 'ms' },
      { name: `${name}: p99`, value: quantile(each.times, 0.99), unit: 'ms' },
    ];
  });
}

function goalOf(set: SetName, way: string): Pick<Figure, 'goal'> {
  return set === 'precision' && way === 'words' ? { goal: { least: 80 } } : {};
}

function titleOf(set: SetName, half: Half | undefined): string {
  if (!half) return set;
  return `${set}, ${half === 'tuning' ? 'tuning half (not to be reported)' : 'reporting half'}`;
}

function missesOf({ way, misses }: Compared): string {
  return [`  ${way} misses`, ...misses.map((line) => `    ${line}`)].join('\n');
}

function pick<Item>(all: readonly Item[], names: unknown, nameOf: (item: Item) => string): readonly Item[] {
  if (!Array.isArray(names)) return all;
  const unknown = names.find((name) => !all.some((item) => nameOf(item) === name));
  if (unknown !== undefined) throw new Error(`There is no "${unknown}", only ${all.map(nameOf).join(', ')}.`);
  return all.filter((item) => names.includes(nameOf(item)));
}

if (import.meta.main) await runBenchmarks([retrieval], extra);
