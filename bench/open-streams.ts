import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { question, ways, wholeModel } from './provider-ways.ts';

/** Opens streams of a service that never ends them, reads the first piece of each, and tells what one weighs: `open-streams.ts <address> <count>`. */
const [url = '', count = '200'] = process.argv.slice(2);
const many = Number(count);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Weight {
  readonly resident: number;
  readonly heap: number;
}

const [way] = Object.values(ways);
if (!way) throw new Error('There is no protocol.');
const model = wholeModel(way, url, 'slow');
const leave = new AbortController();
// The first calls load the SDK and whatever comes with it.
const warm = await Promise.all(Array.from({ length: 20 }, open));
for (const stream of warm) await stream.return?.();

console.log('ready');
for await (const _ of process.stdin) {
  const before = await weigh();
  const streams = await Promise.all(Array.from({ length: many }, open));
  const after = await weigh();
  const each = (from: number, to: number): number => (to - from) / many;
  console.log(JSON.stringify({ resident: each(before.resident, after.resident), heap: each(before.heap, after.heap) }));
  leave.abort();
  for (const stream of streams) await stream.return?.();
  break;
}
process.exit(0);

async function open(): Promise<AsyncIterator<unknown>> {
  const stream = model.stream(question, leave.signal)[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await stream.next();
    if (done === true) throw new Error(`A stream ended: ${JSON.stringify(value)}`);
    if (value.type === 'end') throw new Error(`A stream ended: ${JSON.stringify(value)}`);
    if (value.type === 'text') return stream;
  }
}

async function weigh(): Promise<Weight> {
  for (let round = 0; round < 4; round += 1) {
    collect();
    await sleep(50);
  }
  const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  const { heapUsed, external } = process.memoryUsage();
  return { resident, heap: heapUsed + external };
}
