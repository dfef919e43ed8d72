import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import type { Caller, Callers } from '../../actions/caller.ts';
import { createId } from '../../base/ids.ts';
import { Fault } from '../../base/fault.ts';
import type { Log } from '../../base/log.ts';
import { BODY_LIMIT } from '../body.ts';
import { failure } from '../envelope.ts';
import { belowBase, credentialsOf, type Reach } from '../reach.ts';
import { LiveSocket, type SocketParts } from './socket.ts';

const PATH = '/api/v1/live';
/** How long a stop waits for clients to agree to the end, in milliseconds. */
const FAREWELL_MS = 1_000;

export interface SocketDoor extends AsyncDisposable {
  /** Takes a connection that wants to be a WebSocket, or refuses it as HTTP does. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** The WebSocket of the server. The library is loaded when somebody first connects. */
export function createSocketDoor(
  parts: SocketParts & { readonly callers: Callers; readonly reach: Reach; readonly log: Log },
): SocketDoor {
  let server: Promise<WebSocketServer> | undefined;
  const load = async (): Promise<WebSocketServer> => {
    const ws = await import('ws');
    return new ws.WebSocketServer({ noServer: true, maxPayload: BODY_LIMIT, perMessageDeflate: false });
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // A connection that breaks here has nobody to tell.
    socket.on('error', () => undefined);
    try {
      parts.underWay.assertOpen();
      const caller = await admit(request, parts);
      const sockets = await (server ??= load());
      sockets.handleUpgrade(request, socket, head, (webSocket) => void new LiveSocket(webSocket, caller, parts));
    } catch (error) {
      const fault = Fault.from(error);
      if (fault.code === 'INTERNAL') parts.log.error('A WebSocket met an unexpected error', { error: fault.cause });
      refuse(request, socket, fault);
    }
  };
  return {
    upgrade: (request, socket, head) => void upgrade(request, socket, head),
    async [Symbol.asyncDispose]() {
      const clients = [...((await server)?.clients ?? [])];
      for (const client of clients) client.close(1001, 'The server stops.');
      const closed = clients.map((client) => new Promise((resolve) => client.once('close', resolve)));
      await Promise.race([Promise.all(closed), new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref())]);
      for (const client of clients) client.terminate();
    },
  };
}

/** Who connects. A browser says which site's page does so, and that must be ours; with a session nothing else would tell. */
async function admit(
  request: IncomingMessage,
  { callers, reach }: { callers: Callers; reach: Reach },
): Promise<Caller> {
  const path = belowBase(request.url ?? '/', reach.basePath).split('?', 1)[0] ?? '/';
  const credentials = credentialsOf(request, path);
  callers.check(credentials, 'route');
  if (path !== PATH) throw new Fault('ROUTE_MISSING', `There is no WebSocket at ${path}; it is at ${PATH}.`);
  const caller = await callers.identify(credentials);
  if (!caller) throw new Fault('CALLER_UNKNOWN', 'This needs a caller, and nobody is signed in.');
  return caller;
}

function refuse(request: IncomingMessage, socket: Duplex, fault: Fault): void {
  const path = request.url?.split('?', 1)[0] ?? '/';
  const body = JSON.stringify(failure({ id: createId(), startedMs: performance.now(), path }, fault));
  const { status } = fault.row;
  const later = fault.retryAfterSeconds === undefined ? '' : `retry-after: ${fault.retryAfterSeconds}\r\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${later}content-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
