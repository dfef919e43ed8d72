import { conversations } from './conversations.ts';
import { edit } from './edit.ts';
import { runBenchmarks } from './figures.ts';
import { fleet } from './fleet.ts';
import { journal } from './journal.ts';
import { git } from './git.ts';
import { live } from './live.ts';
import { size } from './size.ts';
import { start } from './start.ts';
import { turns } from './turns.ts';
import { version } from './version.ts';

/** `npm run bench`: every benchmark, one after the other. Each also runs alone: `node bench/turns.ts`. */
await runBenchmarks([version, start, turns, edit, git, journal, fleet, conversations, live, size]);
