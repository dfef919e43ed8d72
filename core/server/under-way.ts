import type { ServerResponse } from 'node:http';
import { Fault } from '../base/fault.ts';

/** After how long whoever is refused may find a server again, in seconds. */
const BACK_SECONDS = 10;

/** The requests that are being answered, and whether more are taken: from the beginning of a stop on none is. */
export class UnderWay {
  readonly #responses = new Set<ServerResponse>();
  #isStopping = false;
  #tell = (): void => undefined;

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Follows a request until its answer has left. */
  follow(response: ServerResponse): void {
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      this.#tell();
    });
  }

  /** Throws SERVER_STOPPING when nothing new is taken. */
  assertOpen(): void {
    if (!this.#isStopping) return;
    throw new Fault('SERVER_STOPPING', 'The server is stopping: it ends what is under way and takes nothing new.', {
      retryAfterSeconds: BACK_SECONDS,
    });
  }

  /** Takes nothing new and settles when all is answered, or when the signal is aborted. Streams of events have no end to wait for. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#isStopping = true;
    while (!signal.aborted && this.#isAnswering()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#tell = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
    }
  }

  #isAnswering(): boolean {
    return [...this.#responses].some((response) => !isEndless(response));
  }
}

/** Server-sent events that are asked for by GET come from a stream that somebody follows; an answer that comes as events is posted for. */
function isEndless(response: ServerResponse): boolean {
  const type = response.getHeader('content-type');
  return response.req.method === 'GET' && typeof type === 'string' && type.startsWith('text/event-stream');
}
