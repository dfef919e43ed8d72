import { spawnSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes, startServer, type Server } from '../plugins/bench/children.ts';
import { root } from './children.ts';
import type { Delay } from './delay.ts';
import { editors, timeEdits } from '../plugins/bench/edits.ts';
import { median, quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { keepAlive, readJson } from '../plugins/bench/load.ts';

interface Settings {
  readonly few: number;
  readonly many: number;
  readonly starts: number;
  readonly edits: number;
  /** How long a server rests before its memory is looked at, in milliseconds. */
  readonly restMs: number;
}

const usual: Settings = { few: 1_000, many: 10_000, starts: 3, edits: 60, restMs: 10_000 };
const quick: Settings = { few: 2, many: 3, starts: 1, edits: 2, restMs: 100 };

/** What a large fleet costs: starts with the files in memory and not, memory, edits, lists, and how long anything keeps the server busy. */
export const fleet: Benchmark = {
  name: 'fleet',
  about: 'a server with very many bots',
  async run(isQuick) {
    const settings = isQuick ? quick : usual;
    await using scratch = await makeScratch();
    const places = { home: path.join(scratch.path, 'few'), cache: path.join(scratch.path, 'cache') };
    await makeHome(places.home, { bots: settings.few });
    const few = await startsOf(places, settings.starts);
    await rm(places.home, { recursive: true });
    const large = { ...places, home: path.join(scratch.path, 'many') };
    await makeHome(large.home, { bots: settings.many });
    const warm = await startsOf(large, settings.starts);
    const isCold = !isQuick && dropCaches();
    const cold = await startsOf(large, 1, isCold);
    const running = await measureRunning(large, settings);
    const later = await listAfterStart(large);
    return {
      figures: [
        { name: `${settings.few} bots: ready`, value: median(few), unit: 'ms', goal: { most: 1_000 } },
        {
          name: `${settings.many} bots: ready, files in memory`,
          value: median(warm),
          unit: 'ms',
          goal: { most: 4_000 },
        },
        ...(isCold
          ? [
              {
                name: `${settings.many} bots: ready, files on disk`,
                value: median(cold),
                unit: 'ms' as const,
                goal: { most: 12_000 },
              },
            ]
          : []),
        ...running,
        { name: 'start and list of all bots, listed before', value: later, unit: 'ms' },
      ],
      notes: { starts: settings.starts, edits: settings.edits, droppedCaches: isCold },
    };
  },
};

interface Places {
  readonly home: string;
  readonly cache: string;
}

/** Milliseconds until ready. The first start of a home writes ids; it is left out unless `isFirst` counts. */
async function startsOf(places: Places, starts: number, isFirst = false): Promise<number[]> {
  const times: number[] = [];
  for (let count = isFirst ? 1 : 0; count <= starts; count += 1) {
    await using server = await startServer(places);
    if (count > 0) times.push(server.readyMs);
    // It must not be stopped in the middle of what it does after its start.
    await sleep(500);
  }
  return times;
}

/** Throws what the system remembers of files away; false where this user may not. */
function dropCaches(): boolean {
  return spawnSync('sh', ['-c', 'sync; echo 3 > /proc/sys/vm/drop_caches'], { stdio: 'ignore' }).status === 0;
}

async function measureRunning(places: Places, { restMs, edits, many }: Settings): Promise<Figure[]> {
  const delays = path.join(places.cache, 'delays.json');
  await using server = await startServer({
    ...places,
    nodeOptions: ['--import', pathToFileURL(path.join(root, 'bench/delay.ts')).href],
    env: { BENCH_DELAY_FILE: delays },
  });
  // Loading the program is one long turn; what comes after it must not be.
  process.kill(server.pid, 'SIGUSR2');
  await sleep(restMs);
  const afterStart = await settledDelay(delays);
  const resting = await residentBytes(server.pid);
  const [first, again] = [await timeList(server), await timeList(server)];
  const rename = editors['replaced by rename'];
  const file = path.join(places.home, 'bots/assistant/SOUL.md');
  const times = rename ? await timeEdits(server, file, rename, edits) : [];
  await editMany(places.home, Math.ceil(many / 10));
  const soul = await timeList(server);
  const atEnd = await settledDelay(delays);
  return [
    { name: 'resident when idle, all watched', value: resting / 1e6, unit: 'MB', goal: { most: 350 } },
    { name: 'edit to live: p50', value: quantile(times, 0.5), unit: 'ms' },
    { name: 'edit to live: p99', value: quantile(times, 0.99), unit: 'ms', goal: { most: 100 } },
    { name: 'list of all bots, the first time', value: first, unit: 'ms' },
    { name: 'list of all bots, again', value: again, unit: 'ms' },
    { name: 'list of all bots, after one in ten was edited', value: soul, unit: 'ms' },
    { name: 'resident after lists and edits', value: (await residentBytes(server.pid)) / 1e6, unit: 'MB' },
    {
      name: 'longest turn of the event loop, while all is taken up',
      value: afterStart.longestMs,
      unit: 'ms',
      goal: { most: 50 },
    },
    { name: 'most CPU in one turn, while all is taken up', value: afterStart.longestCpuMs, unit: 'ms' },
    { name: 'longest turn of the event loop, lists and edits', value: atEnd.longestMs, unit: 'ms', goal: { most: 50 } },
    { name: 'most CPU in one turn, lists and edits', value: atEnd.longestCpuMs, unit: 'ms' },
  ];
}

/** What the probe in the server has found, when it has had time to write it. */
async function settledDelay(file: string): Promise<Delay> {
  await sleep(1_200);
  return JSON.parse(await readFile(file, 'utf8')) as Delay;
}

/** Milliseconds from the start of a server that had listed before until it has answered the list of all bots. */
async function listAfterStart(places: Places): Promise<number> {
  await using server = await startServer(places);
  return server.readyMs + (await timeList(server));
}

async function timeList(server: Server): Promise<number> {
  const agent = keepAlive();
  const began = performance.now();
  await readJson(`${server.url}/api/v1/bots`, { agent, headers: server.credentials });
  agent.destroy();
  return performance.now() - began;
}

/** What a script of a person does to many bots at once. */
async function editMany(home: string, count: number): Promise<void> {
  for (let number = 2; number <= count; number += 1) {
    const file = path.join(home, `bots/bot-${String(number).padStart(5, '0')}/USER.md`);
    await writeFile(file, `Edited in a burst, ${number}.\n`);
  }
}

if (import.meta.main) await runBenchmarks([fleet]);
