import { parentPort, workerData } from 'node:worker_threads';
import type { Load } from './messages.ts';
import { serve } from './serve.ts';
import { loadStatic } from './static-model.ts';

/** The thread that holds one static model: tokens are looked up off the server's event loop. */
const { folder, weights } = workerData as Load;

serve(
  {
    hear: (listener) => void parentPort?.on('message', listener),
    say: (message) => parentPort?.postMessage(message, message.type === 'vectors' ? [message.numbers.buffer] : []),
  },
  async () => loadStatic(folder, weights),
);
