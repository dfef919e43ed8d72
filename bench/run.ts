import { byOtherWords } from './by-other-words.ts';
import { chatPage } from './chat-page.ts';
import { conversations } from './conversations.ts';
import { edit } from './edit.ts';
import { runBenchmarks } from './figures.ts';
import { embedders } from './embedders.ts';
import { fleet } from './fleet.ts';
import { journal } from './journal.ts';
import { git } from './git.ts';
import { learning } from './learning.ts';
import { live } from './live.ts';
import { memoryCommits } from './memory-commits.ts';
import { memoryIndex } from './memory-index.ts';
import { pageLoad } from './page-load.ts';
import { providers } from './providers.ts';
import { recallBench } from './recall.ts';
import { retrieval } from './retrieval.ts';
import { size } from './size.ts';
import { start } from './start.ts';
import { turns } from './turns.ts';
import { version } from './version.ts';

/** `npm run bench`: every benchmark, one after the other. Each also runs alone: `node bench/turns.ts`. */
await runBenchmarks([
  version,
  start,
  turns,
  edit,
  git,
  journal,
  fleet,
  conversations,
  memoryIndex,
  live,
  pageLoad,
  chatPage,
  providers,
  recallBench,
  learning,
  memoryCommits,
  retrieval,
  byOtherWords,
  embedders,
  size,
]);
