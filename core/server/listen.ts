import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createFront, type AddressInfo, type Server as Front, type Socket } from 'node:net';
import type { SocketDoor } from './live/socket-door.ts';
import { Fault } from '../base/fault.ts';
import type { Certificate } from './certificate.ts';
import { askForTls, isOfThisMachine } from './plain-elsewhere.ts';

/** How long a whole request may take to arrive, in milliseconds: a push of 100 MB over a slow line. */
const ARRIVE_MS = 30 * 60_000;
/** How long the end of listening waits for answers under way before it cuts them, in milliseconds. */
const DRAIN_MS = 2_000;
/** How long a connection may say nothing before it is known what it speaks, in milliseconds. */
const FIRST_BYTE_MS = 60_000;
/** The first byte of TLS: the record of a handshake (RFC 8446, 5.1). HTTP begins with a letter. */
const HANDSHAKE = 0x16;

export interface Listening extends AsyncDisposable {
  /** For this machine, so without TLS. */
  readonly url: string;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any. */
  readonly port: number;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly sockets: SocketDoor;
  /** With it, who comes from elsewhere must speak TLS; on the same port. */
  readonly certificate: Certificate | undefined;
}

/** Listens on one port. PORT_TAKEN names the holder where the system tells; never another port instead. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, port, handle, sockets, certificate } = options;
  const limits = { keepAliveTimeout: 30_000, requestTimeout: ARRIVE_MS };
  const plain = createPlainServer(limits);
  plain.on('request', (request, response) => {
    if (!certificate || isOfThisMachine(request.socket, host)) handle(request, response);
    else askForTls(request, response);
  });
  plain.on('upgrade', (request: IncomingMessage, socket, head) => {
    if (!certificate || isOfThisMachine(request.socket, host)) sockets.upgrade(request, socket, head);
    else socket.destroy();
  });
  const servers = [plain];
  const unused = new Set<Socket>();
  followUnused(plain, 'connection', unused);
  let front: Front = plain;
  if (certificate) {
    const secure = createSecureServer({ ...limits, minVersion: 'TLSv1.2' }, handle);
    secure.on('upgrade', sockets.upgrade);
    followUnused(secure, 'secureConnection', unused);
    certificate.follow((certified) => secure.setSecureContext({ ...certified, minVersion: 'TLSv1.2' }));
    servers.push(secure);
    front = createFront((socket) => sort(socket, plain, secure));
  }
  const open = new Set<Socket>();
  front.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    front.once('error', (error: NodeJS.ErrnoException) => reject(portFault(error, host, port)));
    front.listen(port, host, resolve);
  });
  const { port: actual } = front.address() as AddressInfo;
  return {
    url: urlOf(host, actual),
    [Symbol.asyncDispose]: () => close({ front, servers, unused, open, sockets }),
  };
}

/** The address of a server as browsers write it. */
export function urlOf(host: string, port: number, scheme = 'http'): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Gives a connection to the server of what it speaks, which its first byte tells. */
function sort(socket: Socket, plain: Server, secure: Server): void {
  const drop = (): void => void socket.destroy();
  socket.setTimeout(FIRST_BYTE_MS, drop);
  socket.on('error', drop);
  socket.once('data', (first) => {
    socket.pause();
    socket.setTimeout(0);
    socket.off('timeout', drop);
    socket.off('error', drop);
    socket.unshift(first);
    (first[0] === HANDSHAKE ? secure : plain).emit('connection', socket);
    process.nextTick(() => socket.resume());
  });
}

/** Connections on which no request has come yet: browsers keep some ready, and a stop need not wait for them. */
function followUnused(server: Server, begin: 'connection' | 'secureConnection', unused: Set<Socket>): void {
  server.on(begin, (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  for (const event of ['request', 'upgrade']) server.on(event, ({ socket }: IncomingMessage) => unused.delete(socket));
}

interface Open {
  readonly front: Front;
  readonly servers: readonly Server[];
  readonly unused: ReadonlySet<Socket>;
  readonly open: ReadonlySet<Socket>;
  readonly sockets: SocketDoor;
}

async function close({ front, servers, unused, open, sockets }: Open): Promise<void> {
  const closed = new Promise<void>((resolve) => front.close(() => resolve()));
  // A connection becomes idle when its answer is done; each look ends those that have.
  const sweep = setInterval(() => servers.forEach((server) => server.closeIdleConnections()), 20);
  for (const socket of unused) socket.destroy();
  const cut = setTimeout(() => open.forEach((socket) => socket.destroy()), DRAIN_MS);
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
