import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Model } from 'boternity';
import type { MockAnswer } from '../../plugins/mock/handler.ts';
import { chatModel } from '../../plugins/openai/chat/chat.ts';
import { accessTo, type AccessOptions } from './access.ts';
import { ask, hear, type Heard } from './hear.ts';
import { startMockModel } from './mock-model.ts';

/** A model of the provider `acme` at an address. */
export function modelAt(address: string, options: AccessOptions = {}): Model {
  return chatModel(accessTo(address, options), { id: 'm' });
}

/** What the model makes of chunks that hold these deltas. The last one carries the reason. */
export async function hearDeltas(deltas: readonly object[], finish: string | null = 'stop'): Promise<Heard> {
  const last = { choices: [{ index: 0, delta: {}, finish_reason: finish }] };
  return hearChunks([...deltas.map((delta) => ({ choices: [{ index: 0, delta }] })), last]);
}

/** What the model makes of chunks, sent as they are. */
export async function hearChunks(chunks: readonly unknown[], rest: MockAnswer = {}): Promise<Heard> {
  await using mock = await startMockModel();
  mock.script({ raw: chunks.map((chunk) => JSON.stringify(chunk)), ...rest });
  return await hear(modelAt(mock.url), ask('Go'));
}

/** A server that answers as the listener does. */
export async function serve(listener: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
