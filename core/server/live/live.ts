import type { z } from 'zod';
import type { Caller } from '../../actions/caller.ts';
import type { Log } from '../../base/log.ts';
import { seldom } from '../../base/seldom.ts';
import type { Hub } from './hub.ts';
import type { Reader } from './reader.ts';

/** How often a reader is shown that its stream lives, in milliseconds. */
const BEAT_MS = 15_000;
/** How long a reader may take nothing of what waits for it before it is let go, in milliseconds. */
const STALL_MS = 60_000;
/** Warnings of one kind come at most this often, in milliseconds. */
const WARN_MS = 10_000;

/** Live events that callers may follow: by server-sent events at a path, and by name over the WebSocket. */
export interface LiveStream {
  /** `nouns.events`, unique. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Of its server-sent events, from the root: `/api/v1/conversations/{conversation}/events`. */
  readonly path: string;
  /** What the names in the path mean. */
  readonly params?: Readonly<Record<string, { readonly description: string; readonly example: string }>>;
  /** Grant the caller needs; `caller` for whoever is signed in. */
  readonly permission: string;
  /** Slug or id of the bot that it concerns, so that a grant for this bot is enough; undefined when there is none. */
  readonly bot?: (params: Readonly<Record<string, string>>) => Promise<string | undefined>;
  /** Form of an event. */
  readonly event: z.ZodType;
  /** The hub to read, and what the caller may see of it where that is not everything. Throws a fault when there is nothing to follow. */
  open(params: Readonly<Record<string, string>>, caller: Caller): Promise<LiveSource>;
}

export interface LiveSource {
  readonly hub: Pick<Hub<never>, 'join'>;
  readonly sees?: (bot: string | undefined) => boolean;
}

/** Who follows what, over which connection. */
export interface Following {
  readonly stream: LiveStream;
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly over: 'sse' | 'websocket';
  /** Id of the request. */
  readonly request: string;
  readonly cursor: string | undefined;
}

interface Watched {
  readonly reader: Reader;
  readonly about: Readonly<Record<string, unknown>>;
  /** Since when it takes nothing. */
  fullSince: number | undefined;
}

/** Everybody who follows something: shows them that their streams live, lets go who takes nothing, and keeps the log of it. */
export class Live implements Disposable {
  readonly #log: Log;
  readonly #warn: (kind: string, message: string, fields: object) => void;
  readonly #watched = new Set<Watched>();
  readonly #beating: NodeJS.Timeout;

  constructor(log: Log) {
    this.#log = log;
    this.#warn = seldom(WARN_MS, (message, fields) => log.warn(message, fields));
    this.#beating = setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  /** Lets a reader follow until the function that this gives is called, which every connection does when it ends. */
  follow({ hub, sees }: LiveSource, following: Following, reader: Reader): () => void {
    const { stream, params, caller, over, request, cursor } = following;
    const about = { stream: stream.name, ...params, over, caller: caller.id, request };
    const began = performance.now();
    const watched: Watched = { reader, about, fullSince: undefined };
    this.#watched.add(watched);
    reader.onReady(() => (watched.fullSince = undefined));
    const leave = hub.join(reader, { cursor, sees });
    this.#log.info('A reader came', { ...about, ...(cursor !== undefined && { cursor: cursor.slice(0, 100) }) });
    return () => {
      if (!this.#watched.delete(watched)) return;
      const { missed, counts, resets } = leave();
      const events = Object.fromEntries(counts);
      const seconds = Math.round((performance.now() - began) / 100) / 10;
      this.#log.info('A reader left', {
        ...about,
        seconds,
        replayed: missed ?? 0,
        isCursorKnown: missed !== undefined,
        resets,
        events,
      });
      if (resets > (missed === undefined ? 1 : 0)) {
        this.#warn(stream.name, 'A reader fell so far behind that it had to read everything again', about);
      }
    };
  }

  /** Tells everybody that the server stops. */
  tellStopping(): void {
    for (const { reader } of this.#watched) reader.tellStopping();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#beating);
    for (const { reader } of this.#watched) reader.end();
  }

  #beat(): void {
    const now = performance.now();
    for (const watched of this.#watched) {
      const { reader, about } = watched;
      if (!reader.isFull) {
        reader.beat();
        continue;
      }
      watched.fullSince ??= now;
      if (now - watched.fullSince < STALL_MS) continue;
      this.#warn(
        'stalled',
        'A reader took nothing for a minute and was let go; it can come back with its cursor',
        about,
      );
      reader.cut();
    }
  }
}
