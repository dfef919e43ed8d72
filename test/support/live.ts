import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { WebSocket as SocketClient } from 'ws';
import type { Client } from '../../core/ui/client.ts';
import { folderAt, until } from './product.ts';

/** What the feed of the fleet told. */
export class Feed {
  readonly events: Record<string, unknown>[] = [];
  cursor = '';

  static async open(client: Client, cursor?: string): Promise<Feed> {
    const feed = new Feed();
    await new Promise<void>((resolve) => void feed.#read(client, cursor, resolve));
    return feed;
  }

  has(wanted: object): Promise<unknown> {
    return until(`the event ${JSON.stringify(wanted)}`, () => this.events.some((event) => contains(event, wanted)));
  }

  async #read(client: Client, cursor: string | undefined, onLive: () => void): Promise<void> {
    const { signal } = new AbortController();
    try {
      for await (const batch of client.follow('/fleet/events', { cursor, signal, onLive })) {
        this.events.push(...(batch.events as Record<string, unknown>[]));
        this.cursor = batch.cursor;
      }
    } catch {
      // The server has stopped.
    }
  }
}

function contains(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  return Object.entries(wanted).every(([key, each]) =>
    contains((value as Record<string, unknown> | undefined)?.[key], each),
  );
}

export interface Told {
  readonly id?: number | string | null;
  readonly events?: readonly unknown[];
  readonly answer?: unknown;
}

/** The WebSocket as a program of somebody else would use it. */
export class Wire {
  readonly heard: Told[] = [];
  readonly closed: Promise<number>;
  readonly #socket: SocketClient;

  private constructor(socket: SocketClient) {
    this.#socket = socket;
    this.closed = once(socket, 'close').then(([code]) => Number(code));
    socket.on('message', (data) => this.heard.push(JSON.parse((data as Buffer).toString()) as Told));
  }

  static async open(url: string, headers: Record<string, string>): Promise<Wire> {
    const wire = new Wire(new SocketClient(new URL('/api/v1/live', url.replace('http', 'ws')), { headers }));
    await once(wire.#socket, 'open');
    return wire;
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends a message and gives the next one that belongs to it. */
  ask(message: unknown, id: unknown = (message as Told).id): Promise<Told> {
    const from = this.heard.length;
    this.send(message);
    return until(`an answer to ${JSON.stringify(message)}`, () =>
      this.heard.slice(from).find((told) => told.id === id && !told.events),
    );
  }
}

/** The lines of a home's log. */
export async function logLines(home: string): Promise<Record<string, unknown>[]> {
  const logs = path.join(home, '.boternity/logs');
  const texts = await Promise.all((await readdir(logs)).map((file) => folderAt(logs).read(file)));
  return texts
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
