import { lostConnection } from './call-error.ts';
import { readEvents } from './event-source.ts';
import { LiveSocket, SocketClosed } from './live-socket.ts';
import { refusalOf, request, SILENCE_MS, type Connection } from './requests.ts';

/** Events of a stream that came together. */
export interface Followed {
  /** Where to go on after them. */
  readonly cursor: string;
  readonly events: readonly unknown[];
}

export interface FollowOptions {
  /** Where to go on; from now on when absent. */
  readonly cursor?: string | undefined;
  readonly signal: AbortSignal;
  /** Called when the server has begun to tell. */
  readonly onLive?: () => void;
}

/** Follows a stream at a path below /api/v1 over one connection. Ends by throwing a CallError: lost, or refused with a status. */
export type Follow = (path: string, options: FollowOptions) => AsyncGenerator<Followed, void, void>;

/** After a WebSocket could not be opened where server-sent events could, it is left alone so long, in milliseconds. */
const LEFT_ALONE_MS = 60_000;

/** Over the client's WebSocket where it has one and as long as it can be opened, otherwise as server-sent events. */
export function createFollow(connection: Connection): Follow {
  const { socket: open } = connection;
  if (!open) return (path, options) => followEvents(connection, path, options);
  const socket = new LiveSocket(() => open(socketUrl(connection.base)));
  let leftAloneUntil = 0;

  return async function* follow(path, options) {
    if (Date.now() >= leftAloneUntil) {
      try {
        yield* socket.follow(path, options);
        return;
      } catch (error) {
        if (!(error instanceof SocketClosed)) throw error;
      }
    }
    const onLive = (): void => {
      leftAloneUntil = Math.max(leftAloneUntil, Date.now() + LEFT_ALONE_MS);
      options.onLive?.();
    };
    yield* followEvents(connection, path, { ...options, onLive });
  };
}

async function* followEvents(
  connection: Connection,
  path: string,
  { cursor, signal, onLive }: FollowOptions,
): AsyncGenerator<Followed, void, void> {
  const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
  const init = { signal, headers: { accept: 'text/event-stream' } };
  const response = await request(connection, `${path}${query}`, init);
  if (!response.ok || !response.body) throw await refusalOf(response);
  onLive?.();
  for await (const { id, type, data } of readEvents(response.body, SILENCE_MS))
    // Of the connection, not of what is followed: its end is what counts.
    if (type !== 'stopping') yield { cursor: id, events: [JSON.parse(data)] };
  throw lostConnection();
}

function socketUrl(base: URL): URL {
  const url = new URL('api/v1/live', base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}
