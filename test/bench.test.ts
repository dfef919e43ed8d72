import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { often } from './support/often.ts';

t.setTimeout(300_000);

const run = promisify(execFile);
const bench = path.resolve(import.meta.dirname, '../bench');

/** Those that take their time: where `BOTERNITY_SOAK` is set. */
const slow = new Set(
  'start fleet providers live learning by-other-words memory-commits edit git page-load recall retrieval'.split(' '),
);

/** One figure of each benchmark, to see that it measured what it is named after. */
const benchmarks = {
  version: 'bnity --version, over bare node',
  start: '2 bots, warm: ready',
  turns: '/v1, 2 at once: turns, every message durable',
  edit: 'replaced by rename: p95',
  git: 'commit: p50',
  fleet: '3 bots: ready, files in memory',
  journal: '2 journals at once',
  conversations: 'list of 5 conversations',
  'memory-index': 'native, 300: opened from its snapshot, first answer',
  'page-load': 'dashboard: first contentful paint',
  'chat-page': 'streaming: script a frame, p95',
  live: 'events a reader gets a second',
  providers: 'openai chat: added by the provider, p50',
  embedders: 'static, through the house',
  size: 'node_modules on disk',
  'memory-commits': '200 memories: a commit is there behind the answer, p50',
  learning: 'first token, added by extraction and embedding, p50',
  recall: '200 memories: added by recall, p50',
  'by-other-words': 'with the sentence encoder: came to mind, once',
  retrieval: 'conversations, plain BM25: recall@10',
};

/** Those of work that could keep the process from everything else. */
const occupying = new Set(['git', 'fleet', 'journal', 'memory-commits']);

interface Printed {
  readonly isQuick: boolean;
  readonly results: Record<
    string,
    { error?: string; figures?: { name: string; value: number; unit: string; isMet?: boolean }[] }
  >;
}

for (const [name, expected] of Object.entries(benchmarks)) {
  const skip = slow.has(name) && often(0, 1) === 1 ? 'BOTERNITY_SOAK=1 runs it' : false;
  await t.test(`the benchmark "${name}" runs alone, prints a table and ends with JSON`, { skip }, async (t) => {
    const { stdout } = await run(process.execPath, [path.join(bench, `${name}.ts`), '--quick'], { timeout: 100_000 });
    const lines = stdout.trimEnd().split('\n');
    t.match(lines[0], new RegExp(`^${name}: `), 'a heading');
    const { isQuick, results } = JSON.parse(lines.at(-1) ?? '') as Printed;
    t.ok(isQuick, 'says that its figures mean nothing');
    t.strictSame(Object.keys(results), [name]);
    const figures = results[name]?.figures ?? [];
    t.ok(
      figures.some((figure) => figure.name === expected),
      `measures "${expected}"`,
    );
    if (occupying.has(name))
      t.ok(
        figures.some((figure) => figure.name.includes('longest turn of the event loop')),
        'INFR-08: it measures for how long nobody else gets a turn',
      );
    const isSize = ({ name, unit }: { name: string; unit: string }): boolean => /\bkB\b/.test(`${name} ${unit}`);
    for (const size of figures.filter(isSize)) t.not(size.isMet, false, `${size.name}: ${size.value}`);
    // How long something took on this machine at this hour decides nothing.
    for (const figure of figures) t.ok(Number.isFinite(figure.value), `${figure.name} is a number`);
  });
}

await t.test('the endurance run, in its short form, answers every message and prints what has grown', async (t) => {
  const { stdout } = await run(process.execPath, [path.join(bench, 'endurance.ts'), '--quick'], { timeout: 200_000 });
  const { isQuick, turns, reconnects, written, figures } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as {
    isQuick: boolean;
    turns: number;
    reconnects: number;
    written: Record<string, number>;
    figures: { name: string; value: number }[];
  };
  t.ok(isQuick && turns >= 24 && reconnects >= turns, `${turns} turns, ${reconnects} reconnects`);
  t.ok(Object.keys(written).length > 1, `written beside: ${Object.keys(written).join(', ')}`);
  t.equal(figures.find(({ name }) => name === 'unanswered messages')?.value, 0);
  for (const name of [
    'RSS, grown since the warm-up',
    'open descriptors, grown',
    'event loop delay, worst p99 of a step',
  ])
    t.ok(Number.isFinite(figures.find((figure) => figure.name === name)?.value), name);
});
