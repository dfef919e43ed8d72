import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMock, type Mock, type MockOptions } from '../../plugins/mock/handler.ts';

/** The mock on a port of its own. */
export interface MockModel
  extends
    Pick<Mock, 'requests' | 'clear' | 'script' | 'titleRequests' | 'scriptTitles' | 'noteRequests' | 'scriptNotes'>,
    AsyncDisposable {
  /** Base address for providers: `http://127.0.0.1:…/v1`. */
  readonly url: string;
  /** Connections that were opened so far. */
  connections(): number;
  /** Requests whose caller hung up before the answer was whole. */
  hungUp(): number;
}

/** Starts the mock on a free loopback port, without pauses unless the options ask for them. */
export async function startMockModel(
  options: MockOptions & { readonly before?: () => Promise<void> } = {},
): Promise<MockModel> {
  const mock = createMock({ delayMs: 0, ...options });
  let connections = 0;
  let hungUp = 0;
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) hungUp += 1;
    });
    const { pathname } = new URL(request.url ?? '/', 'http://mock');
    void readBody(request).then(async (body) => {
      await options.before?.();
      await mock.handle(request, response, pathname, body);
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests: () => mock.requests(),
    titleRequests: () => mock.titleRequests(),
    scriptTitles: (...answers) => mock.scriptTitles(...answers),
    noteRequests: () => mock.noteRequests(),
    scriptNotes: (...answers) => mock.scriptNotes(...answers),
    clear: () => mock.clear(),
    script: (...answers) => mock.script(...answers),
    connections: () => connections,
    hungUp: () => hungUp,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
