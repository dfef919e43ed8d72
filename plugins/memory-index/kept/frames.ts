import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Bytes before each frame: how long it is, its checksum, and how much of it is JSON. */
const HEAD = 12;
/** A longer one is damage. */
const LONGEST = 256 * 2 ** 20;

/** Something that is kept: a plain value, and beside it what is too long for JSON. */
export interface Frame {
  readonly value: unknown;
  readonly bytes: Uint8Array;
  /** Where the next one begins in the file. */
  readonly end: number;
}

/** A file ended in the middle of a frame, or holds one that is spoiled. `goodBytes`: what is whole before that. */
export class DamagedFrames extends Error {
  readonly goodBytes: number;

  constructor(file: string, goodBytes: number) {
    super(`${file} is damaged after ${goodBytes} bytes`);
    this.goodBytes = goodBytes;
  }
}

const none = new Uint8Array(0);
/** JSON is filled up with spaces to a multiple of this, so that numbers behind it lie where they can be looked at. */
const ALIGNED = 8;

export function encodeFrame(value: unknown, bytes: Uint8Array = none): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const json = Buffer.alloc(Math.ceil(text.length / ALIGNED) * ALIGNED, ' ');
  text.copy(json);
  const frame = Buffer.allocUnsafe(HEAD + json.length + bytes.length);
  json.copy(frame, HEAD);
  frame.set(bytes, HEAD + json.length);
  frame.writeUInt32LE(json.length + bytes.length, 0);
  frame.writeUInt32LE(json.length, 8);
  frame.writeUInt32LE(crc32(frame.subarray(8)), 4);
  return frame;
}

/** All frames of a file in order. Throws DamagedFrames where they are not whole. The bytes of a frame are right until the next is read. */
export async function* readFrames(file: string): AsyncGenerator<Frame> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(HEAD);
    let room = new Uint8Array(0);
    for (let at = 0; at < size;) {
      if (at + HEAD > size) throw new DamagedFrames(file, at);
      await readAll(handle, head, at);
      const length = head.readUInt32LE(0);
      if (length > LONGEST || at + HEAD + length > size) throw new DamagedFrames(file, at);
      if (room.length < length) room = new Uint8Array(Math.ceil(length * 1.5));
      const content = room.subarray(0, length);
      await readAll(handle, content, at + HEAD);
      yield decodeFrame(head, content, at + HEAD + length) ?? raise(new DamagedFrames(file, at));
      at += HEAD + length;
    }
  } finally {
    await handle.close();
  }
}

function decodeFrame(head: Buffer, content: Uint8Array, end: number): Frame | undefined {
  const jsonLength = head.readUInt32LE(8);
  if (jsonLength > content.length) return undefined;
  if (crc32(content, crc32(head.subarray(8))) !== head.readUInt32LE(4)) return undefined;
  const value: unknown = JSON.parse(Buffer.from(content.buffer, 0, jsonLength).toString());
  return { value, bytes: content.subarray(jsonLength), end };
}

async function readAll(handle: FileHandle, into: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await handle.read(into, done, into.length - done, from + done);
    if (bytesRead === 0) throw new Error('The file became shorter while it was read.');
    done += bytesRead;
  }
}

function raise(error: Error): never {
  throw error;
}
