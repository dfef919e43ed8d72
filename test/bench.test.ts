import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

t.setTimeout(300_000);

const run = promisify(execFile);
const bench = path.resolve(import.meta.dirname, '../bench');

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
  live: 'events a reader gets a second',
  size: 'node_modules on disk',
};

/** Those of work that could keep the process from everything else. */
const occupying = new Set(['git', 'fleet', 'journal']);

interface Printed {
  readonly isQuick: boolean;
  readonly results: Record<string, { error?: string; figures?: { name: string; value: number; unit: string }[] }>;
}

for (const [name, expected] of Object.entries(benchmarks)) {
  await t.test(`the benchmark "${name}" runs alone, prints a table and ends with JSON`, async (t) => {
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
    // How long something took on this machine at this hour decides nothing.
    for (const figure of figures) t.ok(Number.isFinite(figure.value), `${figure.name} is a number`);
  });
}
