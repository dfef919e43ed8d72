import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../base/fault.ts';

/** How long a stop waits for answers under way before it cuts them, in milliseconds. */
const DRAIN_MS = 2_000;

export interface Listening extends AsyncDisposable {
  readonly url: string;
}

/** Listens on one port. PORT_TAKEN names the holder where the system tells; never another port instead. Port 0 takes any. */
export async function listen(
  host: string,
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 30_000 }, handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portFault(error, host, port)));
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${actual}`, [Symbol.asyncDispose]: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
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
