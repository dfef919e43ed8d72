import type { IncomingMessage } from 'node:http';
import { PassThrough, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { errorCodeOf, refusal } from './refusal.ts';

/** What a browser grants zstd: 8 MB of memory (RFC 9659). */
const ZSTD_WINDOW_BITS = 23;

/** The unpacked body. Neither what comes over the line nor what it unpacks to is ever longer than the limit. */
export async function readBody(message: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const tooLarge = refusal('response_too_large', `The answer is larger than ${maxBytes} bytes.`);
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) {
    message.destroy();
    throw tooLarge;
  }
  const pieces: Buffer[] = [];
  let isUnpacking = false;
  const bounded = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let size = 0;
    for await (const piece of source) {
      size += piece.length;
      if (size > maxBytes) throw tooLarge;
      yield piece;
    }
  };
  try {
    const unpacker = unpackerFor(message.headers['content-encoding']);
    isUnpacking = !(unpacker instanceof PassThrough);
    const keep = async (source: AsyncIterable<Buffer>): Promise<void> => {
      for await (const piece of source) pieces.push(piece);
    };
    await pipeline(message, bounded, unpacker, bounded, keep, { signal });
  } catch (error) {
    throw errorCodeOf(error) !== undefined || signal.aborted ? error : failureOf(error, isUnpacking);
  } finally {
    message.destroy();
  }
  return Buffer.concat(pieces);
}

function unpackerFor(header: string | undefined): Duplex {
  const coding = (header ?? 'identity').trim().toLowerCase();
  if (coding === '' || coding === 'identity') return new PassThrough();
  if (/^((x-)?gzip|deflate)$/.test(coding)) return zlib.createUnzip();
  if (coding === 'br') return zlib.createBrotliDecompress();
  const params = { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_BITS };
  if (coding === 'zstd') return zlib.createZstdDecompress({ params });
  throw refusal('decode_error', `The answer is packed as ${coding.slice(0, 40)}, which cannot be unpacked.`);
}

function failureOf(cause: unknown, isUnpacking: boolean): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (isUnpacking && /^(Z_|ERR_|ZSTD_)/.test(code) && code !== 'ERR_STREAM_PREMATURE_CLOSE')
    return refusal('decode_error', 'The answer cannot be unpacked; it is damaged.', { cause });
  return refusal('connection_failed', 'The connection broke off before the answer was complete.', { cause });
}
