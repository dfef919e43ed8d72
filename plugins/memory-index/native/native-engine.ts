import type { MemoryEngine } from 'boternity';
import { formatOf, STORAGE } from '../kept/format.ts';
import { analysed } from '../worded.ts';
import type { IndexWorker } from './index-worker.ts';
import { RemoteIndex } from './remote-index.ts';

/** Our own search for words and vectors, in a thread of its own: for very many entries. */
export function nativeEngine(worker: IndexWorker): MemoryEngine {
  return {
    name: 'native',
    storage: STORAGE,
    async open({ folder, analyse, analyser, damaged }) {
      const index = new RemoteIndex(worker, { folder, format: formatOf(analyser), damaged });
      return analysed(await index.open(), analyse);
    },
  };
}
