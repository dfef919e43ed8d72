import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Delay {
  /** The longest time in which nothing else could run, by the clock. Other programs on the machine lengthen it. */
  readonly longestMs: number;
  /** The most CPU time that this thread used between two looks. It hardly depends on what else runs here. */
  readonly longestCpuMs: number;
}

const LOOK_EVERY_MS = 5;

/** Watches the event loop of this process until `stop`. */
export function startDelay(): { now: () => Delay; reset: () => void; stop: () => Delay } {
  const histogram = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  histogram.enable();
  let longestCpu = 0;
  let before = process.threadCpuUsage();
  const timer = setInterval(() => {
    const used = process.threadCpuUsage();
    longestCpu = Math.max(longestCpu, used.user + used.system - before.user - before.system);
    before = used;
  }, LOOK_EVERY_MS).unref();
  const now = (): Delay => ({
    longestMs: Math.max(0, histogram.max / 1e6 - LOOK_EVERY_MS),
    longestCpuMs: longestCpu / 1e3,
  });
  return {
    now,
    reset() {
      histogram.reset();
      longestCpu = 0;
    },
    stop() {
      clearInterval(timer);
      histogram.disable();
      return now();
    },
  };
}

/** Loaded into a server (`node --import bench/delay.ts`): writes what it found into this file, again and again; SIGUSR2 begins anew. */
const file = process.env.BENCH_DELAY_FILE;
if (file !== undefined) {
  const delay = startDelay();
  process.on('SIGUSR2', () => delay.reset());
  setInterval(() => writeFileSync(file, JSON.stringify(delay.now())), 500).unref();
}
