import { fieldsOf, ServiceError, textOf, type Fields } from 'boternity';
import type { EventStreamCodec } from '@smithy/eventstream-codec';

/** An event of a stream: its name and what it says. */
export interface StreamEvent {
  readonly type: string;
  readonly value: Fields;
}

/** Bytes of a frame before its headers: its length, that of the headers, and their checksum. */
const PRELUDE_BYTES = 12;
/** More than AWS sends in one frame. What claims to be longer is no frame. */
const LONGEST_FRAME = 17 * 1024 * 1024;

/** Status of an exception inside a stream, where HTTP could not tell it any more. */
const statuses: Readonly<Record<string, number>> = {
  throttlingException: 429,
  serviceQuotaExceededException: 429,
  modelNotReadyException: 429,
  validationException: 400,
  accessDeniedException: 403,
  resourceNotFoundException: 404,
  modelTimeoutException: 408,
  internalServerException: 500,
  modelStreamErrorException: 500,
  modelErrorException: 500,
  serviceUnavailableException: 503,
};

type Codec = Pick<EventStreamCodec, 'decode'>;

/**
 * The events of a binary stream however its bytes are cut, as many at a time as came together; their checksums are checked. A
 * batch throws the exceptions in it, and a SyntaxError for what is no event.
 */
export async function* eventsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<Iterable<StreamEvent>> {
  const { EventStreamCodec } = await import('@smithy/eventstream-codec');
  const codec: Codec = new EventStreamCodec(toText, toBytes);
  const frames = new FrameReader();
  for await (const bytes of body) yield batchOf(codec, frames.take(bytes));
}

function* batchOf(codec: Codec, frames: Iterable<Uint8Array>): Generator<StreamEvent> {
  for (const frame of frames) yield eventOf(codec, frame);
}

function eventOf(codec: Codec, frame: Uint8Array): StreamEvent {
  const { headers, body } = readable(() => codec.decode(frame));
  const header = (name: string): string => textOf(headers[name]?.value);
  const text = toText(body);
  const value = readable(() => fieldsOf(text === '' ? {} : JSON.parse(text)));
  const type = header(':event-type') || header(':exception-type') || header(':error-code');
  if (header(':message-type') === 'error') throw new ServiceError(statuses[type] ?? 500, header(':error-message'));
  if (header(':message-type') === 'exception' || type.endsWith('Exception')) throw exception(type, value);
  return { type, value };
}

function exception(type: string, value: Fields): ServiceError {
  return new ServiceError(statuses[type] ?? 500, { type, message: textOf(value.message) || textOf(value.Message) });
}

/** Cuts bytes into frames: each begins with its own length. */
class FrameReader {
  #waiting: Buffer = Buffer.alloc(0);

  *take(bytes: Uint8Array): Generator<Uint8Array> {
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    while (this.#waiting.length >= PRELUDE_BYTES) {
      const length = this.#waiting.readUInt32BE(0);
      if (length < PRELUDE_BYTES + 4 || length > LONGEST_FRAME) throw new SyntaxError('This is no stream of events.');
      if (this.#waiting.length < length) return;
      const frame = this.#waiting.subarray(0, length);
      this.#waiting = this.#waiting.subarray(length);
      yield frame;
    }
  }
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new SyntaxError('An event of the stream is broken.', { cause: error });
  }
}

function toText(bytes: Uint8Array | string): string {
  return typeof bytes === 'string' ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

function toBytes(text: string): Uint8Array {
  return Buffer.from(text);
}
