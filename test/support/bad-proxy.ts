import { once } from 'node:events';
import { createServer, request as open, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { randomFrom } from './random.ts';

/** What a proxy does to streams of events; all at random, from a seed. Chances are between 0 and 1, for each event. */
export interface Mischief {
  /** The connection is cut, for server-sent events in the middle of one. */
  readonly cut: number;
  /** An event comes twice. */
  readonly double: number;
  /** An event comes after the one behind it. */
  readonly swap: number;
  /** Nothing goes on for `stallMs`. */
  readonly stall: number;
  readonly stallMs: number;
  /** Every piece waits up to so many milliseconds. */
  readonly delayMs: number;
  /** From here on nothing comes through any more, and nothing is closed. */
  readonly isDead?: () => boolean;
}

export const harmless: Mischief = { cut: 0, double: 0, swap: 0, stall: 0, stallMs: 0, delayMs: 0 };
export const rough: Mischief = { cut: 0.03, double: 0.15, swap: 0.15, stall: 0.02, stallMs: 1_200, delayMs: 8 };

export interface BadProxy extends AsyncDisposable {
  readonly url: string;
  /** May be changed while it runs. */
  mischief: Mischief;
  /** Whether it lets WebSockets through. */
  takesSockets: boolean;
  /** How often it did what. */
  readonly did: Record<'cut' | 'double' | 'swap' | 'stall' | 'events' | 'sockets' | 'streams', number>;
  /** Cuts every connection now. */
  cutAll(): void;
}

/** A proxy between a reader and the server, on a port of its own, that does everything to streams that networks do. The server may have another address after a restart. */
export async function startBadProxy(behindIt: { readonly url: string }, seed: number): Promise<BadProxy> {
  const random = randomFrom(seed);
  const did = { cut: 0, double: 0, swap: 0, stall: 0, events: 0, sockets: 0, streams: 0 };
  const held = new Set<Socket>();
  const sockets = new WebSocketServer({ noServer: true });
  const proxy = { mischief: harmless, takesSockets: true, did };

  /** Passes pieces on as badly as it may; the piece is whole events. Gives false when the connection shall be cut. */
  async function pass(pieces: AsyncIterable<string>, write: (piece: string) => void): Promise<boolean> {
    let late: string | undefined;
    for await (const piece of pieces) {
      const { cut, double, swap, stall, stallMs, delayMs } = proxy.mischief;
      while (proxy.mischief.isDead?.()) await sleep(50);
      did.events += 1;
      if (random() < stall) {
        did.stall += 1;
        await sleep(stallMs);
      }
      if (delayMs > 0) await sleep(random() * delayMs);
      if (late === undefined && random() < swap) {
        did.swap += 1;
        late = piece;
        continue;
      }
      if (random() < cut) {
        did.cut += 1;
        write(piece.slice(0, Math.floor(random() * piece.length)));
        return false;
      }
      write(piece);
      if (late !== undefined) write(late);
      late = undefined;
      if (random() >= double) continue;
      did.double += 1;
      write(piece);
    }
    if (late !== undefined) write(late);
    return true;
  }

  function passSocket(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    did.sockets += 1;
    const { host = '', origin, cookie, authorization } = request.headers;
    const shown = { origin, cookie, authorization };
    const headers = Object.fromEntries(Object.entries({ host, ...shown }).filter(([, value]) => value !== undefined));
    const behind = new WebSocket(new URL(request.url ?? '/', behindIt.url.replace('http', 'ws')), {
      headers: headers as Record<string, string>,
    });
    behind.on('error', () => socket.destroy());
    behind.on('open', () => {
      sockets.handleUpgrade(request, socket, head, (front) => {
        front.on('error', () => undefined);
        front.on('message', (data) => behind.send(textOf(data)));
        front.on('close', () => behind.close());
        const cut = (): void => front.terminate();
        const write = (piece: string): void => {
          if (front.readyState === front.OPEN && isJson(piece)) front.send(piece);
        };
        void pass(messagesOf(behind), write).then(cut, cut);
      });
    });
  }

  const server = createServer((request, response) => {
    const passed = open(new URL(request.url ?? '/', behindIt.url), {
      method: request.method,
      headers: request.headers,
    });
    passed.on('error', () => response.destroy());
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (!answer.headers['content-type']?.startsWith('text/event-stream')) {
        answer.pipe(response);
        return;
      }
      did.streams += 1;
      response.flushHeaders();
      answer.on('error', () => response.destroy());
      void pass(eventsOf(answer), (piece) => void response.write(piece)).then(
        (isWhole) => (isWhole ? response.end() : response.destroy()),
        () => response.destroy(),
      );
    });
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
  server.on('connection', (socket: Socket) => {
    held.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => held.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (proxy.takesSockets) passSocket(request, socket, head);
    else socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutAll = (): void => held.forEach((socket) => socket.destroy());
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAll,
    async [Symbol.asyncDispose]() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** Whole events of a stream, each with its empty line; comments too. */
async function* eventsOf(answer: IncomingMessage): AsyncGenerator<string> {
  let text = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer) {
    text += String(chunk);
    const events = text.split(/(?<=\n\n)/);
    text = events.at(-1)?.endsWith('\n\n') ? '' : (events.pop() ?? '');
    yield* events;
  }
}

async function* messagesOf(socket: WebSocket): AsyncGenerator<string> {
  const waiting: string[] = [];
  let wake = (): void => undefined;
  let isOver = false;
  socket.on('message', (data) => {
    waiting.push(textOf(data));
    wake();
  });
  socket.on('close', () => {
    isOver = true;
    wake();
  });
  for (;;) {
    const next = waiting.shift();
    if (next !== undefined) yield next;
    else if (isOver) return;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();
}

/** A WebSocket has no half messages; what a cut leaves of one does not arrive. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
