import path from 'node:path';
import { root, timeNode } from './children.ts';
import { median } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark } from './figures.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';

/** How long the command line needs for its shortest answer, beside a Node that does nothing. */
export const version: Benchmark = {
  name: 'version',
  about: '`bnity --version` beside `node -e 0`, in turns; medians',
  async run(isQuick) {
    const runs = isQuick ? 1 : 21;
    await using cache = await makeScratch();
    const bare: number[] = [];
    const command: number[] = [];
    for (let count = 0; count < runs; count += 1) {
      bare.push(await timeNode(['-e', '0'], cache.path));
      command.push(await timeNode([path.join(root, 'bin/bnity.js'), '--version'], cache.path));
    }
    const over = median(command) - median(bare);
    return {
      figures: [
        { name: 'node -e 0', value: median(bare), unit: 'ms' },
        { name: 'bnity --version', value: median(command), unit: 'ms' },
        { name: 'bnity --version, over bare node', value: over, unit: 'ms', goal: { most: 80 } },
      ],
      notes: { runs },
    };
  },
};

if (import.meta.main) await runBenchmarks([version]);
