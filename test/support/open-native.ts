import type { IndexPlace, OpenIndex } from 'boternity';
import { IndexWorker } from '../../plugins/memory-index/native/index-worker.ts';
import { nativeEngine } from '../../plugins/memory-index/native/native-engine.ts';

/** An index in a worker of its own, which ends with it. */
export async function open(place: IndexPlace): Promise<OpenIndex> {
  const worker = new IndexWorker();
  return nativeEngine(worker).open(place);
}
