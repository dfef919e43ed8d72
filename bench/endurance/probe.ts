import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a server holds at one moment, and how long others waited for its event loop since the moment before. */
export interface Held {
  /** Counts the moments. */
  readonly number: number;
  readonly rssBytes: number;
  /** Of the heap in use, and as the system gave it. */
  readonly heapBytes: number;
  readonly heapTotalBytes: number;
  /** Buffers and what libraries hold outside of the heap, as far as V8 is told. */
  readonly externalBytes: number;
  /** Open file descriptors. */
  readonly descriptors: number;
  /** Things that keep the process alive, by kind, as Node counts them. */
  readonly resources: Readonly<Record<string, number>>;
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

const RESOLUTION_MS = 10;

/** Loaded into a server (`node --import`): at SIGUSR2 it collects garbage and writes what is held into this file. */
const file = process.env.ENDURANCE_FILE;
if (file !== undefined && process.argv.includes('serve')) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let number = 0;
  const above = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  process.on('SIGUSR2', () => {
    const delayMs = { p50: above(delay.percentile(50)), p99: above(delay.percentile(99)), max: above(delay.max) };
    number += 1;
    collect();
    collect();
    const {
      rss: rssBytes,
      heapUsed: heapBytes,
      heapTotal: heapTotalBytes,
      external: externalBytes,
    } = process.memoryUsage();
    const resources: Record<string, number> = {};
    for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
    const descriptors = readdirSync('/proc/self/fd').length;
    const held: Held = { number, rssBytes, heapBytes, heapTotalBytes, externalBytes, descriptors, resources, delayMs };
    writeFileSync(`${file}.new`, JSON.stringify(held));
    renameSync(`${file}.new`, file);
    // The collection was ours: it does not count.
    delay.reset();
  });
}
