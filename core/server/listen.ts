import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { SocketDoor } from './live/socket-door.ts';
import { Fault } from '../base/fault.ts';

/** How long a whole request may take to arrive, in milliseconds: a push of 100 MB over a slow line. */
const ARRIVE_MS = 30 * 60_000;
/** How long the end of listening waits for answers under way before it cuts them, in milliseconds. */
const DRAIN_MS = 2_000;

export interface Listening extends AsyncDisposable {
  readonly url: string;
}

/** Listens on one port. PORT_TAKEN names the holder where the system tells; never another port instead. Port 0 takes any. */
export async function listen(
  host: string,
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  sockets: SocketDoor,
): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 30_000, requestTimeout: ARRIVE_MS });
  const unused = followUnused(server);
  server.on('request', handle);
  server.on('upgrade', sockets.upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portFault(error, host, port)));
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return { url: urlOf(host, actual), [Symbol.asyncDispose]: () => close(server, unused, sockets) };
}

/** The address of a server as browsers write it. */
export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Connections on which no request has come yet: browsers keep some ready, and a stop need not wait for them. */
function followUnused(server: Server): ReadonlySet<Socket> {
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  for (const event of ['request', 'upgrade']) server.on(event, ({ socket }: IncomingMessage) => unused.delete(socket));
  return unused;
}

async function close(server: Server, unused: ReadonlySet<Socket>, sockets: SocketDoor): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection becomes idle when its answer is done; each look ends those that have.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  for (const socket of unused) socket.destroy();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await Promise.all([closed, sockets[Symbol.asyncDispose]()]);
  clearInterval(sweep);
  clearTimeout(cut);
}

function portFault(error: NodeJS.ErrnoException, host: string, port: number): Fault {
  if (error.code === 'EADDRINUSE') {
    return new Fault('PORT_TAKEN', `Port ${port} on ${host} is in use by another program.`, { cause: error });
  }
  if (error.code === 'EACCES') {
    return new Fault('PORT_TAKEN', `This user may not listen on port ${port}.`, {
      hint: 'Choose a port above 1023 with --port.',
      cause: error,
    });
  }
  return Fault.from(error);
}
