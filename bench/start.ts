import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes, startServer } from '../plugins/bench/children.ts';
import { cpuMs, timeNode } from './children.ts';
import { median } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';

type Cache = 'warm' | 'cold';

interface Settings {
  readonly bots: readonly number[];
  readonly starts: number;
  /** How long a server rests before its memory is looked at, in milliseconds. */
  readonly restMs: number;
}

interface Times {
  readonly bare: number[];
  readonly listening: number[];
  readonly ready: number[];
  readonly cpu: number[];
}

const usual: Settings = { bots: [1, 100, 1_000], starts: 7, restMs: 10_000 };
const quick: Settings = { bots: [2], starts: 1, restMs: 100 };

/** Time to listening and to ready, and memory of a server that has nothing to do, with and without compiled code from an earlier start. */
export const start: Benchmark = {
  name: 'start',
  about: 'a server that starts, by number of bots and state of the compile cache; medians',
  async run(isQuick) {
    const settings = isQuick ? quick : usual;
    const figures: Figure[] = [];
    for (const bots of settings.bots) {
      await using scratch = await makeScratch();
      const home = path.join(scratch.path, 'home');
      await makeHome(home, { bots });
      for (const cache of ['warm', 'cold'] as const)
        figures.push(...(await measure(scratch.path, bots, cache, settings)));
    }
    return { figures, notes: { startsEach: settings.starts, restMs: settings.restMs } };
  },
};

async function measure(folder: string, bots: number, cache: Cache, settings: Settings): Promise<Figure[]> {
  const places = { home: path.join(folder, 'home'), cache: path.join(folder, 'cache') };
  const times: Times = { bare: [], listening: [], ready: [], cpu: [] };
  await (await startServer(places))[Symbol.asyncDispose]();
  for (let count = 0; count < settings.starts; count += 1) {
    times.bare.push(await timeNode(['-e', '0'], places.cache));
    if (cache === 'cold') await rm(places.cache, { recursive: true, force: true });
    await using server = await startServer(places);
    times.listening.push(server.listeningMs);
    times.ready.push(server.readyMs);
    times.cpu.push(await cpuMs(server.pid));
  }
  if (cache === 'cold') await rm(places.cache, { recursive: true, force: true });
  return figuresOf(
    `${bots} ${bots === 1 ? 'bot' : 'bots'}, ${cache}`,
    times,
    await restingBytes(places, settings.restMs),
    goalsOf(bots, cache),
  );
}

function figuresOf(where: string, { bare, listening, ready, cpu }: Times, bytes: number, goals: Goals): Figure[] {
  const node = median(bare);
  return [
    { name: `${where}: listening`, value: median(listening), unit: 'ms' },
    { name: `${where}: ready`, value: median(ready), unit: 'ms', ...goals.ready },
    { name: `${where}: ready, over bare node`, value: median(ready) / node, unit: '×' },
    { name: `${where}: CPU until ready`, value: median(cpu), unit: 'ms' },
    { name: `${where}: resident when idle`, value: bytes / 1e6, unit: 'MB', ...goals.resident },
  ];
}

interface Goals {
  readonly ready?: Pick<Figure, 'goal'>;
  readonly resident?: Pick<Figure, 'goal'>;
}

function goalsOf(bots: number, cache: Cache): Goals {
  if (bots !== 100 || cache !== 'warm') return {};
  return { ready: { goal: { most: 1_000 } }, resident: { goal: { most: 120 } } };
}

async function restingBytes(places: { home: string; cache: string }, restMs: number): Promise<number> {
  await using server = await startServer(places);
  await sleep(restMs);
  return residentBytes(server.pid);
}

if (import.meta.main) await runBenchmarks([start]);
