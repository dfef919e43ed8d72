import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { MemoryIndex } from 'boternity';
import { create, insert, search } from '@orama/orama';
import { ReferenceIndex } from '../core/agent/memory-index-reference.ts';
import { quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { openEngine, PLACE, type EngineName } from './memory-index-engines.ts';
import { Texts } from './memory-texts.ts';

interface Settings {
  readonly sizes: readonly [ordinary: number, many: number, most: number];
  readonly dimensions: number;
  readonly queries: number;
}

interface Measured {
  readonly figures: readonly Figure[];
  readonly p50: number;
}

const usual: Settings = { sizes: [5_000, 10_000, 100_000], dimensions: 384, queries: 400 };
const quick: Settings = { sizes: [100, 200, 300], dimensions: 16, queries: 10 };
/** Questions before those that count: code that runs often becomes fast. */
const WARM = 100;
const LIMIT = 50;

/** What a question to an index of memories takes, and what the index takes. */
export const memoryIndex: Benchmark = {
  name: 'memory-index',
  about: `memories found by words, by vectors and by both, ${LIMIT} each`,
  async run(isQuick) {
    const settings = isQuick ? quick : usual;
    const [ordinary, many, most] = settings.sizes;
    await using scratch = await makeScratch();
    const folder = (name: string): string => path.join(scratch.path, name);
    const orama = await measure('orama', folder('orama'), ordinary, settings);
    const native = await measure('native', folder('many'), many, settings);
    const large = await measure('native', folder('most'), most, settings);
    const opened = await openInChild(folder('most'), settings.dimensions);
    const bare = await bareOrama(many, settings.queries);
    const plain = plainWay(many);
    const figures: Figure[] = [
      ...orama.figures,
      ...native.figures,
      ...large.figures,
      {
        name: `native, ${most}: opened from its snapshot, first answer`,
        value: opened.openMs,
        unit: 'ms',
        goal: { most: 1_000 },
      },
      { name: `native, ${most}: memory with vectors`, value: opened.megabytes, unit: 'MB', goal: { most: 400 } },
      { name: `bare Orama, ${many}: words, p50`, value: quantile(bare, 0.5), unit: 'ms' },
      { name: `bare Orama, ${many}: words, p99`, value: quantile(bare, 0.99), unit: 'ms' },
      { name: `going through all texts, ${many}: words`, value: plain, unit: 'ms' },
      { name: 'native, over bare Orama', value: native.p50 / quantile(bare, 0.5), unit: '×' },
      { name: 'native, over going through all texts', value: native.p50 / plain, unit: '×' },
    ];
    return {
      figures,
      notes: { dimensions: settings.dimensions, queries: settings.queries, openedEntries: opened.entries },
    };
  },
};

async function measure(
  name: EngineName,
  folder: string,
  size: number,
  { dimensions, queries }: Settings,
): Promise<Measured> {
  await using opened = await openEngine(name, { ...PLACE, folder });
  const { index } = opened;
  const texts = new Texts(1);
  for (let at = 0; at < size; at += 1_000) {
    await index.put(Array.from({ length: Math.min(1_000, size - at) }, (_, place) => texts.entry(at + place)));
  }
  for (let ids = await index.unembedded('m', 500); ids.length > 0; ids = await index.unembedded('m', 500)) {
    await index.embed('m', new Map(ids.map((id) => [id, texts.vector(dimensions)])));
  }
  const ask = (similar: boolean) => () => index.words(texts.query(), { limit: LIMIT, similar });
  const vectors = Array.from({ length: 50 }, () => texts.vector(dimensions));
  let turn = 0;
  const near = () => index.nearest(vectors[(turn += 1) % vectors.length] ?? new Float32Array(0), { limit: LIMIT });
  const both = () => Promise.all([ask(false)(), near()]);
  const goals = goalsFor(size);
  const words = await times(queries, ask(false));
  const called = `${name}, ${size}`;
  const figures = [
    ...spread(`${called}: words`, words, goals),
    ...spread(`${called}: similar words too`, await times(queries, ask(true))),
    ...spread(`${called}: vectors`, await times(queries, near)),
    ...spread(`${called}: words and vectors at once`, await times(queries, both), goals),
    ...spread(
      `${called}: a write is found`,
      await times(Math.ceil(queries / 4), () => writeAndFind(index, texts, (turn += 1) + size)),
      {
        p99: 50,
      },
    ),
  ];
  return { figures, p50: quantile(words, 0.5) };
}

function goalsFor(size: number): { p50?: number; p99?: number } {
  if (size === 10_000) return { p50: 3, p99: 10 };
  return size === 100_000 ? { p99: 25 } : {};
}

async function writeAndFind(index: MemoryIndex, texts: Texts, number: number): Promise<void> {
  const entry = texts.entry(number);
  await index.put([{ ...entry, text: `${entry.text} only${number}` }]);
  const [hit] = await index.words([{ word: `only${number}` }], { limit: 1 });
  if (hit?.entry.id !== entry.id) throw new Error('What was written was not found.');
}

async function times(count: number, work: () => Promise<unknown>): Promise<number[]> {
  for (let at = 0; at < Math.min(count, WARM); at += 1) await work();
  const took: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const began = performance.now();
    await work();
    took.push(performance.now() - began);
  }
  return took;
}

function spread(
  name: string,
  took: readonly number[],
  goals: { readonly p50?: number; readonly p99?: number } = {},
): Figure[] {
  const figure = (part: 'p50' | 'p99', value: number): Figure => {
    const most = goals[part];
    return { name: `${name}, ${part}`, value, unit: 'ms', ...(most !== undefined && { goal: { most } }) };
  };
  return [figure('p50', quantile(took, 0.5)), figure('p99', quantile(took, 0.99))];
}

async function openInChild(
  folder: string,
  dimensions: number,
): Promise<{ openMs: number; megabytes: number; entries: number }> {
  const child = path.join(import.meta.dirname, 'memory-index-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child, folder, String(dimensions)]);
  return JSON.parse(stdout) as Awaited<ReturnType<typeof openInChild>>;
}

/** Orama as it comes, over the same texts and queries. */
async function bareOrama(size: number, queries: number): Promise<number[]> {
  const db = create({ schema: { text: 'string' } });
  const texts = new Texts(1);
  for (let at = 0; at < size; at += 1) await insert(db, { text: texts.text() });
  return times(queries, async () =>
    search(db, {
      term: texts
        .query()
        .map(({ word }) => word)
        .join(' '),
      limit: LIMIT,
      threshold: 1,
    }),
  );
}

function plainWay(size: number): number {
  const reference = new ReferenceIndex(PLACE.analyse);
  const texts = new Texts(1);
  reference.put(Array.from({ length: size }, (_, at) => texts.entry(at)));
  const began = performance.now();
  for (let at = 0; at < 3; at += 1) reference.words(texts.query(), LIMIT);
  return (performance.now() - began) / 3;
}

if (import.meta.main) await runBenchmarks([memoryIndex]);
