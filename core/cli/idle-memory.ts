import v8 from 'node:v8';
import vm from 'node:vm';

/** How often it is looked at, in milliseconds. */
const LOOK_MS = 15_000;
/** Processor time between two looks, in milliseconds, below which the server counts as idle. */
const IDLE_CPU_MS = 150;
/** Bytes of growth that are worth a collection. */
const WORTH_BYTES = 48 * 1024 * 1024;

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
