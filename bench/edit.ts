import path from 'node:path';
import { startServer } from '../plugins/bench/children.ts';
import { quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { editors, timeEdits } from '../plugins/bench/edits.ts';

/** From the end of a write to SOUL.md until the server would answer with it. */
export const edit: Benchmark = {
  name: 'edit',
  about: 'from an edit of SOUL.md on disk until the running server uses it',
  async run(isQuick) {
    const edits = isQuick ? 2 : 60;
    await using scratch = await makeScratch();
    const home = path.join(scratch.path, 'home');
    await makeHome(home, { bots: isQuick ? 1 : 100 });
    await using server = await startServer({ home, cache: scratch.path });
    const figures: Figure[] = [];
    for (const [how, editor] of Object.entries(editors)) {
      const times = await timeEdits(server, path.join(home, 'bots/assistant/SOUL.md'), editor, edits);
      figures.push(
        { name: `${how}: p50`, value: quantile(times, 0.5), unit: 'ms' },
        { name: `${how}: p95`, value: quantile(times, 0.95), unit: 'ms', goal: { most: 100 } },
        { name: `${how}: p99`, value: quantile(times, 0.99), unit: 'ms' },
      );
    }
    return { figures, notes: { editsEach: edits } };
  },
};

if (import.meta.main) await runBenchmarks([edit]);
