import { parentPort } from 'node:worker_threads';
import { KeptIndex } from '../kept/kept-index.ts';
import { NativeWords } from './native-words.ts';
import type { Reply, Request } from './protocol.ts';

/** The thread in which all large indexes live. It loads nothing of the house but what is below. */
const indexes = new Map<number, KeptIndex>();

function tell(reply: Reply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(reply);
}

async function carryOut(request: Request): Promise<unknown> {
  if (request.do === 'open') {
    const index = await KeptIndex.open({
      engine: 'native',
      folder: request.folder,
      format: request.format,
      damaged: (damaged) => tell({ index: request.index, damaged }),
      search: (state) => new NativeWords(state),
    });
    indexes.set(request.index, index);
    return undefined;
  }
  const index = indexes.get(request.index);
  if (!index) throw new Error('The index is not open.');
  if (request.do === 'call') {
    const method = index[request.method] as (...input: readonly unknown[]) => unknown;
    return method.apply(index, [...request.input]);
  }
  indexes.delete(request.index);
  return index[Symbol.asyncDispose]();
}

parentPort?.on('message', (request: Request) => {
  carryOut(request).then(
    (value) => tell({ number: request.number, value }),
    (error: unknown) => {
      const { message, code } = error as NodeJS.ErrnoException;
      tell({ number: request.number, error: { message, code } });
    },
  );
});
