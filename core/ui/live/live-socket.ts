import { lostConnection } from './call-error.ts';
import type { Followed, FollowOptions } from './follow.ts';
import { refusalOf, SILENCE_MS } from './requests.ts';

/** How long a connection may take to open, in milliseconds. */
const OPEN_MS = 8_000;
/** How long it stays open when nobody follows anything, in milliseconds. */
const IDLE_MS = 5_000;

/** The WebSocket could not be opened. */
export class SocketClosed extends Error {
  override readonly name = 'SocketClosed';
}

/** What the server sends; see docs/events.md. */
interface Message {
  readonly id?: number;
  readonly following?: true;
  readonly cursor?: string;
  readonly events?: readonly unknown[];
  readonly ended?: true;
  readonly status?: number;
  readonly answer?: unknown;
}

/** What came for one who follows, in the order in which it came. */
class Inbox {
  #items: (Message | 'lost')[] = [];
  #wake: () => void = () => undefined;

  put(item: Message | 'lost'): void {
    this.#items.push(item);
    this.#wake();
  }

  /** Everything that has come since the last time, at least one thing. */
  async take(): Promise<readonly (Message | 'lost')[]> {
    while (this.#items.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    const items = this.#items;
    this.#items = [];
    return items;
  }
}

/** Any number of streams over one WebSocket, which is open while somebody follows something. */
export class LiveSocket {
  readonly #create: () => WebSocket;
  readonly #inboxes = new Map<number, Inbox>();
  #opening: Promise<WebSocket> | undefined;
  /** The connection that counts; one before it may still have its last word. */
  #current: WebSocket | undefined;
  #lastId = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(create: () => WebSocket) {
    this.#create = create;
  }

  /** As `Follow`. Throws SocketClosed when no connection could be opened. */
  async *follow(path: string, { cursor, signal, onLive }: FollowOptions): AsyncGenerator<Followed, void, void> {
    const id = (this.#lastId += 1);
    const inbox = new Inbox();
    const leave = (): void => inbox.put('lost');
    this.#inboxes.set(id, inbox);
    signal.addEventListener('abort', leave);
    try {
      const socket = await (this.#opening ??= this.#open());
      signal.throwIfAborted();
      socket.send(JSON.stringify({ id, follow: path, ...(cursor !== undefined && { cursor }) }));
      for (;;) {
        for (const item of await inbox.take()) {
          signal.throwIfAborted();
          if (item === 'lost' || item.ended) throw lostConnection();
          if (item.following) onLive?.();
          if (item.status !== undefined)
            throw await refusalOf(new Response(JSON.stringify(item.answer), { status: item.status }));
          if (item.events && item.cursor !== undefined) yield { cursor: item.cursor, events: item.events };
        }
      }
    } finally {
      signal.removeEventListener('abort', leave);
      this.#inboxes.delete(id);
      void this.#leave(id);
    }
  }

  #open(): Promise<WebSocket> {
    const socket = this.#create();
    const opened = Promise.withResolvers<WebSocket>();
    const late = setTimeout(() => socket.close(), OPEN_MS);
    socket.addEventListener('open', () => {
      clearTimeout(late);
      this.#listenFor(socket);
      opened.resolve(socket);
    });
    socket.addEventListener('message', ({ data }) => {
      this.#listenFor(socket);
      this.#take(String(data));
    });
    const end = (): void => {
      clearTimeout(late);
      opened.reject(new SocketClosed());
      this.#end(socket);
    };
    socket.addEventListener('error', end);
    socket.addEventListener('close', end);
    this.#current = socket;
    opened.promise.catch(() => undefined);
    return opened.promise;
  }

  /** A connection on which nothing comes, not even a beat, is gone, whatever the system thinks. */
  #listenFor(socket: WebSocket): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#end(socket);
      socket.close();
    }, SILENCE_MS);
  }

  #take(text: string): void {
    let message: Message;
    try {
      message = JSON.parse(text) as Message;
    } catch {
      return;
    }
    if (message.id !== undefined) this.#inboxes.get(message.id)?.put(message);
  }

  #end(socket: WebSocket): void {
    if (socket !== this.#current) return;
    this.#current = undefined;
    this.#opening = undefined;
    clearTimeout(this.#silence);
    for (const inbox of this.#inboxes.values()) inbox.put('lost');
  }

  async #leave(id: number): Promise<void> {
    const socket = await this.#opening?.catch(() => undefined);
    if (socket?.readyState === 1) socket.send(JSON.stringify({ id, leave: true }));
    clearTimeout(this.#idle);
    if (this.#inboxes.size > 0) return;
    this.#idle = setTimeout(() => {
      if (this.#inboxes.size === 0) this.#current?.close();
    }, IDLE_MS);
  }
}
