import { crc32 } from 'node:zlib';

/** A frame of AWS's event streams. Source: AWS, "Event stream encoding". */
export interface Frame {
  readonly headers: Buffer;
  readonly payload: Buffer;
}

/** Lengths of the frame and of its headers, and their checksum. */
const PRELUDE = 12;
const CHECKSUM = 4;

/** The whole frames of a stream, and the bytes behind them, or from the first that is broken. */
export function framesIn(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  for (let end = endOf(bytes, at); end !== undefined; end = endOf(bytes, at)) {
    const headersEnd = at + PRELUDE + bytes.readUInt32BE(at + 4);
    frames.push({
      headers: bytes.subarray(at + PRELUDE, headersEnd),
      payload: bytes.subarray(headersEnd, end - CHECKSUM),
    });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}

/** The same frame as it travels. */
export function bytesOfFrame({ headers, payload }: Frame): Buffer {
  const length = PRELUDE + headers.length + payload.length + CHECKSUM;
  const prelude = Buffer.alloc(PRELUDE);
  prelude.writeUInt32BE(length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const whole = Buffer.concat([prelude, headers, payload]);
  const checksum = Buffer.alloc(CHECKSUM);
  checksum.writeUInt32BE(crc32(whole), 0);
  return Buffer.concat([whole, checksum]);
}

function endOf(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < PRELUDE + CHECKSUM) return undefined;
  const length = bytes.readUInt32BE(at);
  const isRoomy = length >= PRELUDE + CHECKSUM + bytes.readUInt32BE(at + 4);
  if (!isRoomy || at + length > bytes.length) return undefined;
  const checked = bytes.subarray(at, at + length - CHECKSUM);
  return bytes.readUInt32BE(at + length - CHECKSUM) === crc32(checked) ? at + length : undefined;
}
