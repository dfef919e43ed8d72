import { PerformanceObserver } from 'node:perf_hooks';
import v8 from 'node:v8';
import vm from 'node:vm';

/** How often it is looked at, in milliseconds. */
const LOOK_MS = 15_000;
/** Processor time between two looks, in milliseconds, below which the server counts as idle. */
const IDLE_CPU_MS = 150;
/** Bytes of growth that are worth a collection. */
const WORTH_BYTES = 48 * 1024 * 1024;

/** Bytes at which the space for new objects is large enough. V8 lets it grow to eight times that after a burst of connections. */
const NEW_SPACE_BYTES = 16_000_000;

/** Keeps the space for new objects from growing on. Looked at after each collection, so a server at rest is not woken. */
export function boundNewSpace(): Disposable {
  let factor = 2;
  const look = (): void => {
    const space = v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    const wanted = space && space.space_size >= NEW_SPACE_BYTES ? 1 : 2;
    if (wanted !== factor) v8.setFlagsFromString(`--semi-space-growth-factor=${wanted}`);
    factor = wanted;
  };
  look();
  const observer = new PerformanceObserver(look);
  observer.observe({ entryTypes: ['gc'] });
  return { [Symbol.dispose]: () => observer.disconnect() };
}

/**
 * Gives memory back to the system when the server rests. V8 keeps what a busy hour needed, because it sees no reason to
 * collect while nothing happens. A collection takes some 40 ms, so it waits for an idle quarter of a minute.
 */
export function returnMemoryWhenIdle(): Disposable {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as (options: {
    type: 'major';
    execution: 'sync';
    flavor: 'last-resort';
  }) => void;
  let cpu = process.cpuUsage();
  let kept = 0;
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const size = process.memoryUsage.rss();
    if ((user + system) / 1000 > IDLE_CPU_MS || size - kept < WORTH_BYTES) return;
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    kept = process.memoryUsage.rss();
  }, LOOK_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
