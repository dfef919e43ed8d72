import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createLog } from '../core/base/log.ts';
import { createRepositories } from '../core/files/git/repositories.ts';
import { treeRefusals } from '../core/bots/tree-check.ts';
import type { Repositories, Repository } from '../core/files/git/repository.ts';
import { quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';

const run = promisify(execFile);
const author = { kind: 'person', id: 'owner', name: 'Bench' } as const;
const environment = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const identity = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', '-c', 'gc.auto=0'];

/** Files of a bot as its template makes it. */
const files = ['SOUL.md', 'IDENTITY.md', 'AGENT.md', 'USER.md', 'bot.yaml', 'prompts/system.md.liquid'];
const FILES_A_DAY = 1000;

/** Commits and reads of a bot's history, beside git started for each. */
export const git: Benchmark = {
  name: 'git',
  about: 'one file committed: durable, index in step, nothing started; and beside it `git commit --only`',
  async run(isQuick) {
    await using scratch = await makeScratch();
    await using repositories = createRepositories({
      home: scratch.path,
      log: createLog(() => undefined),
      refuse: treeRefusals,
    });
    const times = isQuick ? 3 : 200;
    const bots = isQuick ? 3 : 200;
    const memories = isQuick ? 2000 : 100_000;
    const figures = [
      ...(await benchOne(repositories, scratch.path, times)),
      ...(await benchMany(repositories, scratch.path, bots, isQuick ? 1 : 5)),
      ...(await benchMemory(repositories, scratch.path, memories, isQuick ? 2 : 40)),
    ];
    return { figures, notes: { commits: times, bots, memories } };
  },
};

async function benchOne(repositories: Repositories, home: string, times: number): Promise<Figure[]> {
  const repository = await makeBot(repositories, home, 'one');
  const byHand = await makeBot(repositories, home, 'by-hand');
  await runGit(byHand.folder, 'reset', '-q');
  const own: number[] = [];
  const spawned: number[] = [];
  const reads: number[] = [];
  const shows: number[] = [];
  const first = (await repository.standing()).head ?? '';
  // Turn and turn about, so that both meet the same machine.
  const loop = await watchLoop(async () => {
    for (let at = 0; at < times; at += 1) {
      await save(repository, 'SOUL.md', `# Soul ${at}\n`);
      own.push(await timed(() => commit(repository, 'SOUL.md', `# Soul ${at}\n`)));
    }
  });
  for (let at = 0; at < times; at += 1) {
    await save(byHand, 'SOUL.md', `# Soul ${at}\n`);
    const args = [...identity, 'commit', '-q', '--no-verify', '-m', 'Edit', '--only', 'SOUL.md'];
    spawned.push(await timed(() => runGit(byHand.folder, ...args)));
    reads.push(await timed(() => repository.read(first, 'SOUL.md')));
    shows.push(await timed(() => runGit(repository.folder, 'show', `${first}:SOUL.md`)));
  }
  return [
    { name: 'commit: p50', value: quantile(own, 0.5), unit: 'ms', goal: { most: 10 } },
    { name: 'commit: p99', value: quantile(own, 0.99), unit: 'ms' },
    ...loopFigures('commit', loop),
    { name: 'git commit --only: p50', value: quantile(spawned, 0.5), unit: 'ms' },
    { name: 'git commit --only: p99', value: quantile(spawned, 0.99), unit: 'ms' },
    { name: 'old version read: p50', value: quantile(reads, 0.5), unit: 'ms' },
    { name: 'git show: p50', value: quantile(shows, 0.5), unit: 'ms' },
  ];
}

async function benchMany(repositories: Repositories, home: string, bots: number, seconds: number): Promise<Figure[]> {
  const all: Repository[] = [];
  for (let at = 0; at < bots; at += 1) all.push(await makeBot(repositories, home, `bot-${at}`));
  const rounds: number[] = [];
  const loop = await watchLoop(async () => {
    for (let round = 0; round < seconds; round += 1) {
      const began = performance.now();
      await Promise.all(
        all.map(async (repository) => {
          await save(repository, 'USER.md', `Round ${round}\n`);
          await commit(repository, 'USER.md', `Round ${round}\n`);
        }),
      );
      rounds.push(performance.now() - began);
      await sleep(Math.max(0, 1000 - (performance.now() - began)));
    }
  });
  const began = performance.now();
  for (const repository of all) await repository.dirty();
  const scanned = (performance.now() - began) / all.length;
  return [
    {
      name: `${bots} bots commit at once: all done, p50`,
      value: quantile(rounds, 0.5),
      unit: 'ms',
      goal: { most: 1000 },
    },
    ...loopFigures(`${bots} bots`, loop),
    { name: 'a bot looked through for edits', value: scanned, unit: 'ms' },
  ];
}

async function benchMemory(repositories: Repositories, home: string, count: number, times: number): Promise<Figure[]> {
  const repository = repositories.of(path.join(home, 'bots/one/memory'), 'one.memory', 'memory');
  await mkdir(repository.folder, { recursive: true });
  await repository.init();
  const day = await fillMemory(repository.folder, count);
  const head = (await repository.standing()).head ?? '';
  await repository.settleIndex(head);
  const own: number[] = [];
  const spawned: number[] = [];
  const loop = await watchLoop(async () => {
    for (let at = 0; at < times; at += 1) {
      const file = `${day}/new-${at}.json`;
      await save(repository, file, `{"at":${at}}\n`);
      own.push(await timed(() => commit(repository, file, `{"at":${at}}\n`)));
    }
  });
  for (let at = 0; at < Math.ceil(times / 4); at += 1) {
    const file = `${day}/hand-${at}.json`;
    await save(repository, file, `{"at":${at}}\n`);
    spawned.push(
      await timed(async () => {
        await runGit(repository.folder, 'add', file);
        await runGit(repository.folder, ...identity, 'commit', '-q', '--no-verify', '-m', 'Learn', '--only', file);
      }),
    );
  }
  return [
    { name: `commit among ${count} memories: p50`, value: quantile(own, 0.5), unit: 'ms' },
    { name: `commit among ${count} memories: p99`, value: quantile(own, 0.99), unit: 'ms' },
    ...loopFigures(`commit among ${count} memories`, loop),
    { name: 'git add and commit there: p50', value: quantile(spawned, 0.5), unit: 'ms' },
  ];
}

async function makeBot(repositories: Repositories, home: string, slug: string): Promise<Repository> {
  const repository = repositories.of(path.join(home, 'bots', slug), slug);
  const contents = new Map(files.map((file) => [file, `# ${file}\n\nAs the template has it.\n`]));
  for (const [file, text] of contents) await save(repository, file, text);
  await repository.init();
  await repository.commit(contents, { author, message: 'Create' });
  return repository;
}

async function save(repository: Repository, file: string, text: string): Promise<void> {
  const full = path.join(repository.folder, file);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, text);
}

function commit(repository: Repository, file: string, text: string): Promise<string> {
  return repository.commit(new Map([[file, text]]), { author, message: 'Edit' });
}

/** Fills a repository by git itself, in one pack, with all files in the work tree. Answers the last day's folder. */
async function fillMemory(folder: string, count: number): Promise<string> {
  const child = spawn('git', ['fast-import', '--quiet'], {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const lines = ['commit refs/heads/memory\ncommitter Bench <bench@example.org> 1763700000 +0000\ndata 4\nfill\n'];
  let day = '';
  for (let at = 0; at < count; at += 1) {
    day = new Date(Date.UTC(2026, 0, 1) + Math.floor(at / FILES_A_DAY) * 86_400_000).toISOString().slice(0, 10);
    const text = JSON.stringify({ id: at, text: `Memory number ${at} of somebody who learns.` });
    lines.push(`M 644 inline ${day}/${String(at).padStart(8, '0')}.json\ndata ${text.length}\n${text}\n`);
  }
  child.stdin.end(lines.join(''));
  await once(child, 'close');
  await runGit(folder, 'reset', '-q', '--hard', 'memory');
  return day;
}

async function runGit(folder: string, ...args: string[]): Promise<void> {
  await run('git', args, { cwd: folder, env: environment, maxBuffer: 64 << 20 });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/**
 * The longest turn of the event loop: as a clock shows it, and as time that the thread itself was at work. On a machine that is
 * busy with other things only the second says something about the code.
 */
async function watchLoop(work: () => Promise<void>): Promise<{ stop: number; busy: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let last = process.threadCpuUsage();
  let busy = 0;
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    busy = Math.max(busy, (user + system) / 1000);
  }, 1);
  delay.enable();
  await work();
  delay.disable();
  clearInterval(timer);
  return { stop: delay.max / 1e6, busy };
}

function loopFigures(name: string, { stop, busy }: { stop: number; busy: number }): Figure[] {
  return [
    { name: `${name}: longest turn of the event loop`, value: stop, unit: 'ms', goal: { most: 50 } },
    { name: `${name}: longest turn, time at work`, value: busy, unit: 'ms' },
  ];
}

if (import.meta.main) await runBenchmarks([git]);
