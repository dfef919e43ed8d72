import { Readable } from 'node:stream';
import { unreadable } from './unreadable.ts';

/** Longest payload of one line: 65520 bytes with its four digits of length (git: protocol-common). */
const LONGEST = 65_516;
/** Longest payload on a side band: one byte names the band. */
const LONGEST_BAND = LONGEST - 1;

export const flush = Buffer.from('0000');

/** One line of git's protocol: four hexadecimal digits of length, then the payload. */
export function pktLine(payload: string | Uint8Array): Buffer {
  const body = Buffer.from(payload);
  if (body.length > LONGEST) throw new RangeError(`a line of ${body.length} bytes; ${LONGEST} are the limit`);
  const length = (body.length + 4).toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(length), body]);
}

/** Bytes on a side band (1: answer, 2: words for the person), in as many lines as they need. */
export function* sideBand(band: 1 | 2, payload: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < payload.length; at += LONGEST_BAND) {
    yield pktLine(Buffer.concat([Buffer.of(band), payload.subarray(at, at + LONGEST_BAND)]));
  }
}

/** Reads lines from a stream, and then what follows them. Leaves the stream open, whatever happens. */
export class PktReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  }

  /** The payload of the next line; undefined for a flush or the end. Throws BODY_UNREADABLE on anything else. */
  async line(): Promise<Buffer | undefined> {
    const head = await this.#take(4);
    if (head === undefined) return undefined;
    const digits = head.toString('latin1');
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (length === 0) return undefined;
    if (length < 4) throw unreadable('The request is not in the form of the git protocol.');
    const body = length === 4 ? Buffer.alloc(0) : await this.#take(length - 4);
    if (body === undefined) throw unreadable('The request ended in the middle of a line.');
    return body;
  }

  /** Everything behind the lines that were read, as far as somewhat more than `limit` bytes. */
  rest(limit: number): Readable {
    const more = async function* (held: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
      if (held.length > 0) yield held;
      for (let bytes = held.length; bytes <= limit;) {
        const next = await chunks.next();
        if (next.done === true) return;
        bytes += next.value.length;
        yield next.value;
      }
    };
    return Readable.from(more(this.#held, this.#chunks), { objectMode: false });
  }

  /** Reads on to the end and throws it away; gives up after `limit` bytes. What cannot be read needs no more reading. */
  async drain(limit: number): Promise<void> {
    try {
      for (let bytes = 0; bytes <= limit;) {
        const next = await this.#chunks.next();
        if (next.done === true) return;
        bytes += next.value.length;
      }
    } catch {
      return;
    }
  }

  async #take(bytes: number): Promise<Buffer | undefined> {
    while (this.#held.length < bytes) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        if (this.#held.length === 0) return undefined;
        throw unreadable('The request ended in the middle of a line.');
      }
      this.#held = Buffer.concat([this.#held, next.value]);
    }
    const taken = this.#held.subarray(0, bytes);
    this.#held = this.#held.subarray(bytes);
    return taken;
  }
}
