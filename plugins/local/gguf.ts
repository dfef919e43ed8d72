import { closeSync, openSync, readSync } from 'node:fs';

/** As much of a file as is looked at: what is asked for stands before the vocabulary. */
const HEAD_BYTES = 64 * 1024;
/** Most names in the head that are gone through. */
const MOST_NAMES = 200;
/** Sizes of the kinds of numbers and of true and false. Source: github.com/ggml-org/ggml, docs/gguf.md. */
const SIZES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const UINT32 = 4;
const UINT64 = 10;
const TEXT = 8;
const LIST = 9;

/** Tokens that a model was trained to take, from the head of its file; undefined where that does not say. Reads little, and at once. */
export function windowOf(file: string): number | undefined {
  try {
    const handle = openSync(file, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return findWindow(head.subarray(0, readSync(handle, head, 0, HEAD_BYTES, 0)));
    } finally {
      closeSync(handle);
    }
  } catch {
    return undefined;
  }
}

/** Whether a file begins as this format does. */
export function isGguf(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(4, head.length)).toString('latin1') === 'GGUF';
}

/** Throws a RangeError where the head ends before. */
function findWindow(head: Buffer): number | undefined {
  if (!isGguf(head)) return undefined;
  const count = Math.min(Number(head.readBigUInt64LE(16)), MOST_NAMES);
  let at = 24;
  const text = (): string => {
    const length = Number(head.readBigUInt64LE(at));
    const value = head.toString('utf8', at + 8, at + 8 + length);
    at += 8 + length;
    return value;
  };
  for (let index = 0; index < count; index += 1) {
    const name = text();
    const kind = head.readUInt32LE(at);
    at += 4;
    if (name.endsWith('.context_length')) {
      if (kind === UINT32) return head.readUInt32LE(at);
      if (kind === UINT64) return Number(head.readBigUInt64LE(at));
    }
    if (kind === TEXT) text();
    else if (kind === LIST) at = afterList(head, at);
    else at += SIZES[kind] ?? Number.NaN;
  }
  return undefined;
}

function afterList(head: Buffer, start: number): number {
  const kind = head.readUInt32LE(start);
  const count = Number(head.readBigUInt64LE(start + 4));
  const size = SIZES[kind];
  if (size !== undefined) return start + 12 + count * size;
  let at = start + 12;
  for (let index = 0; index < count; index += 1) at += 8 + Number(head.readBigUInt64LE(at));
  return at;
}
