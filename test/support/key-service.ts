import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model service that looks at keys: it echoes whoever it refuses, as the worst services do. */
export interface KeyService extends AsyncDisposable {
  /** Base address for providers. */
  readonly url: string;
  /** Keys that came, oldest first; empty text without one. */
  readonly keys: string[];
  /** The bodies that came. */
  readonly bodies: string[];
  /** Keys it takes; all while it is undefined. */
  takes: readonly string[] | undefined;
  /** With which status it refuses the others; 400 at first, as the worst services do. */
  refusal: number;
  /** What it answers. */
  answer: string;
  /** Characters per chunk of the answer. */
  chunk: number;
}

export async function startKeyService(): Promise<KeyService> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const header = request.headers.authorization ?? '';
      const key = header.replace(/^Bearer /, '');
      // Titles come by themselves, at no certain time.
      if (!body.includes('Give this conversation a title.')) {
        service.keys.push(key);
        service.bodies.push(body);
      }
      if (service.takes && !service.takes.includes(key)) {
        response.writeHead(service.refusal, { 'content-type': 'application/json' });
        const message = `bad request with authorization: ${header}, basic ${Buffer.from(`user:${key}`).toString('base64')}`;
        response.end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }));
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const pieces = service.answer.match(new RegExp(`[^]{1,${service.chunk}}`, 'g')) ?? [];
      for (const content of pieces) response.write(`data: ${chunkOf({ content })}\n\n`);
      response.end(`data: ${chunkOf({}, 'stop')}\n\ndata: [DONE]\n\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const service: KeyService = {
    url: `http://127.0.0.1:${port}/v1`,
    keys: [],
    bodies: [],
    takes: undefined,
    refusal: 400,
    answer: 'Good day.',
    chunk: 5,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return service;
}

function chunkOf(delta: object, finish: string | null = null): string {
  return JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] });
}
