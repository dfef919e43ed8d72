import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { TapLines, type TapCount, type TapFailure } from './tap-lines.ts';

/** What one test file came to. It has failures exactly when `count.failed` is above zero. */
export interface FileResult {
  readonly file: string;
  readonly count: TapCount;
  readonly failures: readonly TapFailure[];
  readonly seconds: number;
  /** The end of what it printed besides TAP. */
  readonly noise: string;
}

export interface Limits {
  /** A file that says nothing else (`t.setTimeout`) may take this long, in milliseconds. */
  readonly limitMs: number;
  /** How long tap may take after that to say itself which test hangs, before the process is killed. */
  readonly graceMs: number;
}

const NOISE_LINES = 60;
const running = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of running) killGroup(child);
    process.kill(process.pid, signal);
  });
}

/** Runs one test file by itself. It always ends: at its time limit the process and all it started are killed. */
export async function runTestFile(
  root: string,
  file: string,
  { limitMs, graceMs }: Limits = { limitMs: 120_000, graceMs: 10_000 },
): Promise<FileResult> {
  const began = performance.now();
  const failures: TapFailure[] = [];
  const tap = new TapLines((failure) => failures.push(failure));
  const child = spawn(process.execPath, [file], {
    cwd: root,
    // a group of its own, so that nothing which a test started outlives it
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, TAP: '1', TAP_TIMEOUT: String(limitMs / 1000), FORCE_COLOR: '0' },
  });
  running.add(child);
  const noise: string[] = [];
  const output = Promise.all([readLines(child, 'stdout', tap, noise), readLines(child, 'stderr', tap, noise)]);
  const limit = watchTime(child, limitMs, graceMs);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(limit.timer);
  await Promise.race([output, wait(1_000)]);
  killGroup(child);
  running.delete(child);
  tap.end();

  const complain = (what: string): void => {
    tap.count.failed += 1;
    failures.push({ path: [file, ...tap.unfinished], diagnosis: what });
  };
  const isTold = failures.some((failure) => failure.path.at(-1) === 'timeout!');
  if (limit.isOver && !isTold) complain('It was killed: it took longer than its limit and did not stop by itself.');
  else if (tap.count.failed === 0 && code !== 0) complain(`It ended with ${signal ?? `code ${code}`}.`);
  else if (tap.count.passed + tap.count.failed + tap.count.skipped === 0) complain('It holds no test.');
  return { file, count: tap.count, failures, seconds: (performance.now() - began) / 1000, noise: noise.join('\n') };
}

async function readLines(child: ChildProcess, name: 'stdout' | 'stderr', tap: TapLines, noise: string[]) {
  const input = child[name];
  if (!input) return;
  for await (const line of createInterface({ input })) {
    if (name === 'stdout') tap.line(line);
    if (name === 'stdout' && /^( |#|ok |not ok |TAP version|\d+\.\.\d+|$)/.test(line)) continue;
    noise.push(line);
    if (noise.length > NOISE_LINES) noise.shift();
  }
}

/** `t.setTimeout` in a test file moves the limit: tap tells the parent process. */
function watchTime(child: ChildProcess, limitMs: number, graceMs: number) {
  const limit = { isOver: false, timer: setTimeout(() => undefined) };
  const give = (ms: number): void => {
    clearTimeout(limit.timer);
    limit.timer = setTimeout(() => {
      limit.isOver = true;
      killGroup(child);
    }, ms + graceMs);
  };
  give(limitMs);
  child.on('message', (message) => {
    if (typeof message !== 'object' || !message || !('setTimeout' in message)) return;
    const ms = Number(message.setTimeout);
    if (ms > 0 && Number.isFinite(ms)) give(ms);
  });
  return limit;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}
