import { parseArgs } from 'node:util';
import { soak } from '../test/support/soak.ts';

const HELP = `node bench/soak.ts [rounds] [--seed <number>]

Kills a real server at random moments under write load, and looks after each start whether everything that was
acknowledged is there. 500 rounds by default: about half an hour.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, help: { type: 'boolean' } },
});

if (values.help) console.log(HELP);
else {
  const rounds = Number(positionals[0] ?? 500);
  const seed = Number(values.seed ?? Date.now() % 100_000);
  console.log(`soak: ${rounds} rounds, seed ${seed}`);
  const began = performance.now();
  const counts = await soak({
    rounds,
    seed,
    onRound(round, { kills, acknowledged }) {
      if (round % 10 > 0 && round < rounds) return;
      const written = Object.entries(acknowledged).map(([name, count]) => `${count} ${name}`);
      console.log(`  round ${round}: ${kills} kills; ${written.join(', ')}`);
    },
  });
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`soak: nothing lost, nothing torn, every repository sound in ${seconds} s`);
  console.log(JSON.stringify({ at: new Date().toISOString(), rounds, seed, seconds, ...counts }));
}
