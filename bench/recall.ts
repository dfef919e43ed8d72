import path from 'node:path';
import { startServer } from '../plugins/bench/children.ts';
import { quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { ownerOf, untilCommitted } from './memory-home.ts';
import { questionAbout, writeMemories } from '../plugins/bench/memories.ts';

const usual = { sizes: [10_000, 100_000], questions: 2_000 } as const;
const quick = { sizes: [200], questions: 5 } as const;

/** What an ordinary request of this server takes: it goes the same way and looks nothing up. */
const idle = 'settings.list';

/** How fast a bot recalls: files on disk, a question over HTTP, memories read from their files and ranked. */
export const recallBench: Benchmark = {
  name: 'recall',
  about: 'a question to the memory of a bot, whole: understood, looked up, ranked, files read',
  async run(isQuick) {
    const { sizes, questions } = isQuick ? quick : usual;
    const figures: Figure[] = [];
    for (const size of sizes) figures.push(...(await measure(size, questions)));
    return { figures, notes: {} };
  },
};

async function measure(size: number, questions: number): Promise<Figure[]> {
  await using scratch = await makeScratch();
  const home = path.join(scratch.path, 'home');
  await makeHome(home, { bots: 1 });
  await writeMemories(path.join(home, 'bots/assistant/memory'), size);
  const first = await timed(home, scratch.path, size, 0);
  const again = await timed(home, scratch.path, size, questions);
  const name = `${size.toLocaleString('en')} memories`;
  const goals = size > 10_000 ? { p99: 25 } : { p50: 3, p99: 10 };
  const part = (times: readonly number[], at: number): number => quantile(times, at);
  return [
    { name: `${name}: taken in from their files`, value: first.readyMs / 1_000, unit: 's' },
    { name: `${name}: first answer after a restart`, value: again.firstMs, unit: 'ms' },
    { name: `${name}: a request that looks nothing up, p50`, value: part(again.idle, 0.5), unit: 'ms' },
    { name: `${name}: a request that looks nothing up, p99`, value: part(again.idle, 0.99), unit: 'ms' },
    {
      name: `${name}: added by recall, p50`,
      value: part(again.asked, 0.5) - part(again.idle, 0.5),
      unit: 'ms',
      ...('p50' in goals && { goal: { most: goals.p50 } }),
    },
    {
      name: `${name}: added by recall, p99`,
      value: part(again.asked, 0.99) - part(again.idle, 0.5),
      unit: 'ms',
      goal: { most: goals.p99 },
    },
    { name: `${name}: a new one is found after`, value: part(again.found, 0.5), unit: 'ms', goal: { most: 50 } },
  ];
}

interface Timed {
  readonly readyMs: number;
  readonly firstMs: number;
  readonly idle: readonly number[];
  readonly asked: readonly number[];
  readonly found: readonly number[];
}

async function timed(home: string, cache: string, size: number, questions: number): Promise<Timed> {
  await using server = await startServer({ home, cache });
  const client = ownerOf(server);
  const began = performance.now();
  const firstMs = await time(() => client.call('memories.search', { bot: 'assistant', text: questionAbout(1, size) }));
  await client.call('memories.list', { bot: 'assistant', limit: 1 });
  const readyMs = performance.now() - began;
  // The first questions are slower, here as with every program.
  for (let number = 0; number < questions / 4; number += 1)
    await client.call('memories.search', { bot: 'assistant', text: questionAbout(number * 11 + 5, size) });
  if (questions === 0) await untilCommitted(home, client, size);
  const times: { idle: number[]; asked: number[]; found: number[] } = { idle: [], asked: [], found: [] };
  for (let number = 0; number < questions; number += 1) {
    times.idle.push(await time(() => client.call(idle, {})));
    times.asked.push(
      await time(() => client.call('memories.search', { bot: 'assistant', text: questionAbout(number * 7 + 3, size) })),
    );
    if (number % 20 !== 0) continue;
    const text = `The marker ${number} lies beside the lighthouse`;
    const { id } = await client.call('memories.create', { bot: 'assistant', text });
    const start = performance.now();
    const { memories } = await client.call('memories.search', { bot: 'assistant', text: `marker ${number}` });
    if (!memories.some((each) => each.id === id)) throw new Error(`A new memory was not found: ${text}`);
    times.found.push(performance.now() - start);
  }
  return { readyMs, firstMs, ...times };
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

if (import.meta.main) await runBenchmarks([recallBench]);
