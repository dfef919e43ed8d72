import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A request to a service as it went over the wire, keys and all. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a service answered, byte for byte. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether it came to its end; otherwise one of both sides hung up. */
  readonly isWhole: boolean;
}

/** Is told of a request when it is sent, and gives who is told of its answer: undefined where none came, or more than can be kept. */
export type Ear = (request: WireRequest) => (answer: WireAnswer | undefined) => void;

/** Longest answer that is kept, in bytes. */
const LONGEST = 32_000_000;

const ears = new AsyncLocalStorage<Ear>();

/** The same stream, of whose exchanges with services an ear is told. Others at the same time are not its business. */
export async function* overheard<T>(ear: Ear, begin: () => AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = ears.run(ear, () => begin()[Symbol.asyncIterator]());
  try {
    for (let next = await pull(); !next.done; next = await pull()) yield next.value;
  } finally {
    await ears.run(ear, () => iterator.return?.());
  }

  function pull(): Promise<IteratorResult<T>> {
    return ears.run(ear, () => iterator.next());
  }
}

/** Tells the ear of the call that runs, if there is one; what this gives is called with the answer, or with nothing. */
export function overhear(request: () => WireRequest): ((message: IncomingMessage | undefined) => void) | undefined {
  const answered = ears.getStore()?.(request());
  return answered && ((message) => (message ? keep(message, answered) : answered(undefined)));
}

function keep(message: IncomingMessage, answered: (answer: WireAnswer | undefined) => void): void {
  const pieces: Uint8Array[] = [];
  let size = 0;
  message.on('data', (piece: Uint8Array) => {
    size += piece.length;
    if (size <= LONGEST) pieces.push(piece);
  });
  message.once('close', () => {
    const { statusCode: status = 0, headers, complete: isWhole } = message;
    answered(size > LONGEST ? undefined : { status, headers, body: Buffer.concat(pieces), isWhole });
  });
}
