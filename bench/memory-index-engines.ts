import type { IndexPlace, OpenIndex } from 'boternity';
import { IndexWorker } from '../plugins/memory-index/native/index-worker.ts';
import { nativeEngine } from '../plugins/memory-index/native/native-engine.ts';
import { oramaEngine } from '../plugins/memory-index/orama/orama-engine.ts';

export type EngineName = 'orama' | 'native';

export const PLACE: Omit<IndexPlace, 'folder'> = {
  analyse: (text) => text.split(' '),
  analyser: 'bench',
  damaged: (what) => {
    throw new Error(what);
  },
};

/** An index of one engine, alone in its worker. */
export async function openEngine(name: EngineName, place: IndexPlace): Promise<{ index: OpenIndex } & AsyncDisposable> {
  const worker = new IndexWorker();
  const index = await (name === 'orama' ? oramaEngine : nativeEngine(worker)).open(place);
  return {
    index,
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      await worker[Symbol.asyncDispose]();
    },
  };
}
