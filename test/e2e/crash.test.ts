import t from 'tap';
import { soak } from '../support/soak.ts';

t.setTimeout(600_000);

/** Kills of this short version. `node bench/soak.ts 500` is the long one. */
const ROUNDS = 6;

await t.test(
  'INFR-07: a server that is killed at random moments while everything writes loses nothing it acknowledged and tears nothing',
  async (t) => {
    const { kills, acknowledged } = await soak({ rounds: ROUNDS, seed: Date.now() % 100_000 });
    t.ok(kills >= ROUNDS);
    for (const [name, count] of Object.entries(acknowledged)) t.ok(count > 0, `${count} ${name}`);
    t.equal(Object.keys(acknowledged).length, 9, 'every writer has written');
  },
);
