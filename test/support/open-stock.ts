import type { IndexPlace, Log, OpenIndex } from 'boternity';
import { IndexStock } from '../../plugins/memory-index/memory-indexes.ts';
import { IndexWorker } from '../../plugins/memory-index/native/index-worker.ts';
import { nativeEngine } from '../../plugins/memory-index/native/native-engine.ts';
import { oramaEngine } from '../../plugins/memory-index/orama/orama-engine.ts';

/** An index as the service gives it, which changes its engine at ten entries, and leaves memory whenever nobody asks for 50 ms. */
export async function open({ folder, damaged, ...place }: IndexPlace): Promise<OpenIndex> {
  const log: Log = { debug: () => undefined, info: () => undefined, warn: damaged, error: damaged, with: () => log };
  const worker = new IndexWorker();
  const stock = new IndexStock({
    ...place,
    root: folder,
    log,
    engine: 'auto',
    many: 10,
    idleMs: 50,
    mostBytes: 2 ** 30,
  });
  stock.addEngine(oramaEngine);
  stock.addEngine(nativeEngine(worker));
  const index = stock.of('index');
  return {
    ...index,
    entries: () => index.entries(),
    info: () => index.info(),
    async [Symbol.asyncDispose]() {
      await stock[Symbol.asyncDispose]();
      await worker[Symbol.asyncDispose]();
    },
  };
}
