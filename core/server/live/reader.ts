import type { ServerResponse } from 'node:http';
import { encodeEvent } from '../sse.ts';
import type { Batch } from './batch.ts';

/** The other end of a stream of events. */
export interface Reader {
  take(batch: Batch): void;
  /** True while what was given has not left; nothing more should be given. */
  readonly isFull: boolean;
  /** Calls back whenever it is no longer full. */
  onReady(callback: () => void): void;
  /** Shows the other end, and proxies between, that the stream lives. */
  beat(): void;
  /** Tells the other end that the server stops: what is under way still comes, then the stream ends. */
  tellStopping(): void;
  /** Ends it after what was given. */
  end(): void;
  /** Ends it at once. */
  cut(): void;
}

/** The reader of a response with server-sent events. Its buffer is that of the response. */
export function readerOf(response: ServerResponse): Reader {
  return {
    take: ({ bytes }) => void response.write(bytes),
    get isFull() {
      return response.writableNeedDrain;
    },
    onReady: (callback) => void response.on('drain', callback),
    beat: () => void response.write(': beat\n\n'),
    tellStopping: () => void response.write(encodeEvent('stopping', { v: 1, type: 'stopping' })),
    end: () => void response.end(),
    cut: () => void response.destroy(),
  };
}
