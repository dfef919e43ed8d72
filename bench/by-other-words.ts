import { askFor, rankOf, startRemembering, stopEncoding, tellAll, told } from '../test/support/other-words.ts';
import { installEncoder } from '../test/support/sentence-encoder.ts';
import type { Talking } from '../test/support/talk.ts';
import { median } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';

/** Memories that the bot has beside what it is told. */
const usual = 10_000;
const quick = 120;
/** How long their vectors may take, in milliseconds. */
const PATIENCE_MS = 600_000;
/** Hits of a search. What is not among them counts as if it came next. */
const HITS = 100;

/** Whether what was told once comes to mind when it is asked for in other words: with a sentence encoder, and with words alone. */
export const byOtherWords: Benchmark = {
  name: 'by-other-words',
  about: 'facts told in one conversation and asked for in another, in words that do not stand in them',
  async run(isQuick) {
    const count = isQuick ? quick : usual;
    const installed = await installEncoder();
    if ('why' in installed) throw new Error(installed.why);
    await using talking = await startRemembering(installed.modules, count);
    const began = performance.now();
    await tellAll(talking, PATIENCE_MS);
    const seconds = (performance.now() - began) / 1_000;
    const withVectors = await askAll(talking);
    await stopEncoding(talking);
    const withWords = await askAll(talking);
    return {
      figures: [
        { name: 'told, and given vectors with all the others', value: seconds, unit: 's' },
        ...figuresOf('with the sentence encoder', withVectors, { least: 1 }),
        ...figuresOf('with words alone', withWords),
      ],
      notes: { memories: count, told: told.length, 'place of what is not found': HITS + 1 },
    };
  },
};

interface Asked {
  readonly times: number;
  readonly others: number;
  readonly place: number;
}

async function askAll(talking: Talking): Promise<Asked[]> {
  const all: Asked[] = [];
  for (const each of told) {
    const place = (await rankOf(talking.product, each)) ?? HITS + 1;
    const { times, others } = await askFor(talking, each);
    all.push({ times, others: others.length, place });
  }
  return all;
}

function figuresOf(name: string, all: readonly Asked[], goal?: Figure['goal']): Figure[] {
  const count = (is: (each: Asked) => boolean): number => all.filter(is).length;
  return [
    { name: `${name}: came to mind, once`, value: count(({ times }) => times === 1), unit: '', ...(goal && { goal }) },
    { name: `${name}: stood in the prompt twice`, value: count(({ times }) => times > 1), unit: '', goal: { most: 0 } },
    { name: `${name}: something else came to mind`, value: count(({ others }) => others > 0), unit: '' },
    { name: `${name}: place in a search, p50`, value: median(all.map(({ place }) => place)), unit: '' },
  ];
}

if (import.meta.main) await runBenchmarks([byOtherWords]);
