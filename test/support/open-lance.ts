import type { IndexPlace, OpenIndex } from 'boternity';
import { lanceEngine } from '../../plugins/memory-index/lancedb/lance-engine.ts';
import { IndexWorker } from '../../plugins/memory-index/native/index-worker.ts';
import { installLance } from './lance.ts';

/** An index with LanceDB, which is fetched when it is not there. */
export async function open(place: IndexPlace): Promise<OpenIndex> {
  const installed = await installLance();
  if ('why' in installed) throw new Error(installed.why);
  return lanceEngine(new IndexWorker(), installed.home).open(place);
}
