import { parseArgs } from 'node:util';
import { live, type Lived } from './endurance/life.ts';
import type { Held } from './endurance/probe.ts';

const HELP = `node bench/endurance.ts [--turns <count>] [--for <time>] [--quick]

Lets a real server live for long under everything at once: turns, readers that come and go, edits on disk, pushes, memories,
settings. Prints how memory, descriptors, delay of the event loop and disk have grown since a warm-up, and whether every
message was answered. 10,000 turns by default; --for 1h, --for 24h or --for 90m end it after that time instead.`;

const { values } = parseArgs({
  options: {
    turns: { type: 'string' },
    for: { type: 'string' },
    quick: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
/** Turns until fifty conversations are open, which is what the server keeps, and code is compiled. */
const WARM_UP = 1_000;
/** More turns than fit into a day. */
const NO_END = 10_000_000;

if (values.help) console.log(HELP);
else await run();

async function run(): Promise<void> {
  const forMs = values.for === undefined ? Infinity : timeOf(values.for);
  const isQuick = values.quick === true;
  const turns = Number(values.turns ?? (isQuick ? 24 : forMs === Infinity ? 10_000 : NO_END));
  if (!(turns > 0)) throw new Error('--turns is a number of turns.');
  console.log(`endurance: ${turns === NO_END ? values.for : `${turns} turns`}`);
  const began = performance.now();
  const lived = await live({
    turns,
    forMs,
    warmUp: isQuick ? 12 : Math.min(WARM_UP, turns),
    restMs: isQuick ? 500 : 40_000,
    onStep: ({ turns: done, held }) => console.log(`  ${done} turns: ${wordsFor(held)}`),
  });
  const seconds = Math.round((performance.now() - began) / 1_000);
  const figures = figuresOf(lived);
  for (const { name, value, unit, limit } of figures) {
    const mark =
      limit === undefined ? '' : value <= limit ? `  (at most ${limit}: met)` : `  (at most ${limit}: MISSED)`;
    console.log(`  ${name.padEnd(52)} ${String(value).padStart(9)} ${unit}${mark}`);
  }
  const { written, reconnects, before, after } = lived;
  console.log(`  before: ${wordsFor(before)}\n  after:  ${wordsFor(after)}`);
  console.log(
    JSON.stringify({
      at: new Date().toISOString(),
      isQuick,
      seconds,
      turns: lived.turns,
      reconnects,
      written,
      figures,
      before,
      after,
    }),
  );
  if (!isQuick && figures.some(({ value, limit }) => limit !== undefined && value > limit)) process.exitCode = 1;
}

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
}

function figuresOf({ before, after, worst, unanswered, disk, turns }: Lived): Figure[] {
  const mega = (bytes: number): number => Math.round(bytes / 1e5) / 10;
  const kinds = [...new Set([...Object.keys(before.resources), ...Object.keys(after.resources)])];
  return [
    { name: 'unanswered messages', value: unanswered, unit: '', limit: 0 },
    { name: 'RSS, grown since the warm-up', value: mega(after.rssBytes - before.rssBytes), unit: 'MB', limit: 20 },
    { name: 'heap in use, grown', value: mega(after.heapBytes - before.heapBytes), unit: 'MB' },
    { name: 'open descriptors, grown', value: after.descriptors - before.descriptors, unit: '', limit: 5 },
    ...kinds.toSorted().map((kind) => ({
      name: `active ${kind}, grown`,
      value: (after.resources[kind] ?? 0) - (before.resources[kind] ?? 0),
      unit: '',
    })),
    { name: 'event loop delay, worst p99 of a step', value: round(worst.p99), unit: 'ms', limit: 50 },
    { name: 'event loop delay, longest', value: round(worst.max), unit: 'ms' },
    ...[...disk]
      .filter(([, [from, to]]) => Math.abs(to - from) > turns)
      .map(([folder, [from, to]]) => ({
        name: `disk, ${folder}, a turn`,
        value: Math.round((to - from) / turns),
        unit: 'bytes',
      })),
  ];
}

function wordsFor({ descriptors, resources, delayMs, ...bytes }: Held): string {
  const [rss, heap, total, external] = [bytes.rssBytes, bytes.heapBytes, bytes.heapTotalBytes, bytes.externalBytes].map(
    (size) => Math.round(size / 1e6),
  );
  const active = Object.values(resources).reduce((sum, count) => sum + count, 0);
  const { p50, p99, max } = delayMs;
  return `RSS ${rss} MB, heap ${heap} of ${total} MB, outside ${external} MB, ${descriptors} descriptors, ${active} active, delay p50 ${round(p50)} p99 ${round(p99)} max ${round(max)} ms`;
}

function timeOf(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smh])$/.exec(text) ?? [];
  if (count === undefined) throw new Error('--for is a time such as 90m, 1h or 24h.');
  return Number(count) * (UNITS[unit] ?? 0);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
