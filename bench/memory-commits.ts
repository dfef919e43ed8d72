import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../core/ui/client.ts';
import { root } from './children.ts';
import { startServer, type Server } from '../plugins/bench/children.ts';
import type { Delay } from './delay.ts';
import { median, quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { ownerOf, untilCommitted } from './memory-home.ts';
import { writeMemories } from '../plugins/bench/memories.ts';

/** How long a change waits for others to share its commit, in milliseconds. */
const BATCH_MS = 1_000;
/** How long the server is watched behind a commit, in milliseconds: it may have something left to do. */
const WATCHED_MS = 1_500;
const PATIENCE_MS = 60_000;
/** An ordinary request, which looks nothing up in a memory. */
const other = 'settings.list';

const usual = { sizes: [10_000, 100_000], commits: 15 } as const;
const quick = { sizes: [100, 200], commits: 2 } as const;

/** What a commit of one new memory costs in a large memory, and what everybody else notices of it. */
export const memoryCommits: Benchmark = {
  name: 'memory-commits',
  about: 'one new memory brought into the history of very many, while other requests go on',
  async run(isQuick) {
    const { sizes, commits } = isQuick ? quick : usual;
    const found: Measured[] = [];
    for (const size of sizes) found.push(await measure(size, commits));
    const own = found.map(({ afterMs }) => median(afterMs) - BATCH_MS);
    const [few = 1, many = 1] = own;
    const name = sizes.map((size) => size.toLocaleString('en')).toReversed();
    return {
      figures: [
        ...found.flatMap(figuresOf),
        { name: `${name.join(' over ')} memories: a commit, p50`, value: many / few, unit: '×' },
      ],
      notes: { commits, 'waits for others, ms': BATCH_MS },
    };
  },
};

interface Measured {
  readonly size: number;
  /** From the answer until the commit was there, in milliseconds. */
  readonly afterMs: readonly number[];
  /** The longest of other requests while nothing was committed, and beside each commit. */
  readonly idleMs: number;
  readonly otherMs: readonly number[];
  readonly delays: readonly Delay[];
  /** What was noticed of the first commit behind a start: all files are looked through behind it. */
  readonly first: Noticed;
}

interface Noticed {
  readonly afterMs: number;
  readonly otherMs: number;
  readonly delay: Delay;
}

async function measure(size: number, commits: number): Promise<Measured> {
  await using scratch = await makeScratch();
  const home = path.join(scratch.path, 'home');
  await makeHome(home, { bots: 1 });
  await writeMemories(path.join(home, 'bots/assistant/memory'), size);
  await using server = await start(home, scratch.path);
  const client = ownerOf(server);
  await untilCommitted(home, client, size);
  await sleep(WATCHED_MS);
  const idleMs = await longestWhile(client, sleep(WATCHED_MS));
  const all: Noticed[] = [];
  for (let number = 0; number < commits; number += 1) all.push(await commitOne(server, home, `Commit ${number}`));
  await server[Symbol.asyncDispose]();
  await using again = await start(home, scratch.path);
  await ownerOf(again).call('memories.list', { bot: 'assistant', limit: 1 });
  const first = await commitOne(again, home, 'The first one behind the start');
  return {
    size,
    afterMs: all.map(({ afterMs }) => afterMs),
    idleMs,
    otherMs: all.map(({ otherMs }) => otherMs),
    delays: all.map(({ delay }) => delay),
    first,
  };
}

function start(home: string, cache: string): Promise<Server> {
  const nodeOptions = ['--import', path.join(root, 'bench/delay.ts')];
  return startServer({ home, cache, nodeOptions, env: { BENCH_DELAY_FILE: delayFile(home) } });
}

/** Makes one memory and waits for its commit, and a little longer; meanwhile others ask something. */
async function commitOne(server: Server, home: string, text: string): Promise<Noticed> {
  const client = ownerOf(server);
  const before = await headOf(home);
  process.kill(server.pid, 'SIGUSR2');
  let afterMs = 0;
  const work = async (): Promise<void> => {
    await client.call('memories.create', { bot: 'assistant', text });
    const answered = performance.now();
    while ((await headOf(home)) === before) {
      if (performance.now() - answered > PATIENCE_MS) throw new Error('The commit did not come.');
      await sleep(2);
    }
    afterMs = performance.now() - answered;
    await sleep(WATCHED_MS);
  };
  const otherMs = await longestWhile(client, work());
  const delay = JSON.parse(await readFile(delayFile(home), 'utf8')) as Delay;
  return { afterMs, otherMs, delay };
}

/** The longest of requests, one after the other, until something is done. */
async function longestWhile(client: Client, work: Promise<unknown>): Promise<number> {
  const done = new AbortController();
  const ended = work.finally(() => done.abort());
  let longest = 0;
  while (!done.signal.aborted) {
    const began = performance.now();
    await client.call(other, {});
    longest = Math.max(longest, performance.now() - began);
  }
  await ended;
  return longest;
}

function headOf(home: string): Promise<string | undefined> {
  const ref = path.join(home, 'bots/assistant/memory/.git/refs/heads/memory');
  return readFile(ref, 'utf8').catch(() => undefined);
}

function delayFile(home: string): string {
  return `${home}.delay.json`;
}

function figuresOf({ size, afterMs, idleMs, otherMs, delays, first }: Measured): Figure[] {
  const name = `${size.toLocaleString('en')} memories`;
  const cpu = Math.max(...delays.map(({ longestCpuMs }) => longestCpuMs));
  return [
    { name: `${name}: a commit is there behind the answer, p50`, value: median(afterMs), unit: 'ms' },
    { name: `${name}: a commit is there behind the answer, longest`, value: Math.max(...afterMs), unit: 'ms' },
    { name: `${name}: longest other request, without a commit`, value: idleMs, unit: 'ms' },
    { name: `${name}: longest other request beside a commit, p50`, value: median(otherMs), unit: 'ms' },
    { name: `${name}: longest other request beside a commit, p95`, value: quantile(otherMs, 0.95), unit: 'ms' },
    { name: `${name}: longest turn of the event loop by CPU time`, value: cpu, unit: 'ms' },
    { name: `${name}: the first commit behind a start`, value: first.afterMs, unit: 'ms' },
    { name: `${name}: longest other request beside that`, value: first.otherMs, unit: 'ms' },
    { name: `${name}: longest turn beside that by CPU time`, value: first.delay.longestCpuMs, unit: 'ms' },
  ];
}

if (import.meta.main) await runBenchmarks([memoryCommits]);
