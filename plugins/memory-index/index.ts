import path from 'node:path';
import { definePlugin, z, type IndexInfo, type MemoryEngine, type MemoryIndex, type Term } from 'boternity';
import { analyse, ANALYSER, analyseQuery } from './analyser.ts';
import { lanceEngine } from './lancedb/lance-engine.ts';
import { IndexStock } from './memory-indexes.ts';
import { IndexWorker } from './native/index-worker.ts';
import { nativeEngine } from './native/native-engine.ts';
import { oramaEngine } from './orama/orama-engine.ts';

/** The service `memoryIndexes`: finds entries by words and vectors. What it keeps is a cache: files are the truth. */
export interface MemoryIndexes {
  /**
   * The index of a key: an owner and what it holds, as `<bot-id>/memories`. Parts are small letters, digits and `._-`, up to four of them.
   * Nothing is loaded before it is asked.
   */
  of(key: string): MemoryIndex;
  /** What is known of an index without loading it; of one that was not used since the start, what its last snapshot says. */
  info(key: string): Promise<IndexInfo>;
  /** Forgets the index of a key and all below it, on disk too. */
  remove(key: string): Promise<void>;
  /** The words of a text as indexes compare them. */
  analyse(text: string): string[];
  /** The words of a query: each once, without stop words unless there are no others. */
  analyseQuery(text: string): Term[];
  /** Adds an engine that the setting `engine` can name. */
  addEngine(engine: MemoryEngine): void;
}

declare module 'boternity' {
  interface Services {
    memoryIndexes: MemoryIndexes;
  }
}

/** Keeps indexes of memories and files: few entries with Orama, many with an engine of our own. */
export default definePlugin({
  name: 'memory-index',
  needs: ['home'],
  provides: ['memoryIndexes'],
  config: z.object({
    engine: z
      .string()
      .default('auto')
      .describe('auto, or the engine that keeps every index: orama, native, lancedb, or one that a plugin adds'),
    many: z.number().int().min(2).default(5_000).describe('With so many entries auto changes from orama to native'),
    idleMinutes: z.number().positive().default(10).describe('After so long without a question an index leaves memory'),
    memoryMegabytes: z
      .number()
      .positive()
      .default(512)
      .describe('All indexes together; those unused for longest leave memory first'),
  }),
  setup(context, { engine, many, idleMinutes, memoryMegabytes }) {
    const { home } = context;
    const worker = context.use(
      new IndexWorker((error) => home.log.error('The thread of large indexes ended', { error })),
    );
    const root = path.join(home.path, '.boternity/cache/memory-index');
    const sizes = { many, idleMs: idleMinutes * 60_000, mostBytes: memoryMegabytes * 2 ** 20 };
    const stock = context.use(new IndexStock({ root, analyse, analyser: ANALYSER, log: home.log, engine, ...sizes }));
    stock.addEngine(oramaEngine);
    stock.addEngine(nativeEngine(worker));
    stock.addEngine(lanceEngine(worker, home.path));
    context.provide('memoryIndexes', (consumer) => ({
      of: (key) => stock.of(key),
      info: (key) => stock.info(key),
      remove: (key) => stock.remove(key),
      analyse,
      analyseQuery,
      addEngine: (added) => consumer.defer(stock.addEngine(added)),
    }));
  },
});
