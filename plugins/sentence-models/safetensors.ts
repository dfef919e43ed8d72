import { readSync } from 'node:fs';
import { WrongFile } from './wrong-file.ts';

/** A tensor in a file of the form safetensors. */
export interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** In the file, in bytes. */
  readonly start: number;
  readonly bytes: number;
}

/** Longest head that is read, in bytes: real ones have some hundred. */
const MOST_HEAD = 1024 * 1024;

const makers = {
  F64: (bytes: ArrayBuffer) => new Float64Array(bytes),
  F32: (bytes: ArrayBuffer) => new Float32Array(bytes),
  F16: (bytes: ArrayBuffer) => new Float16Array(bytes),
  I8: (bytes: ArrayBuffer) => new Int8Array(bytes),
  I32: (bytes: ArrayBuffer) => new Int32Array(bytes),
  I64: (bytes: ArrayBuffer) => Int32Array.from(new BigInt64Array(bytes), Number),
};
const SIZES: Readonly<Record<keyof typeof makers, number>> = { F64: 8, F32: 4, F16: 2, I8: 1, I32: 4, I64: 8 };

/**
 * The tensors of an open file: eight bytes of length, a head of JSON with name, type, shape and place of each, then the numbers.
 * Throws WrongFile.
 */
export function tensorsIn(file: number, size: number): Tensor[] {
  const length = Buffer.alloc(8);
  readSync(file, length, 0, 8, 0);
  const head = size < 8 ? 0n : length.readBigUInt64LE();
  if (head < 2n || head > BigInt(MOST_HEAD) || head + 8n > BigInt(size)) throw broken('its head is no head');
  const text = Buffer.alloc(Number(head));
  readSync(file, text, 0, text.length, 8);
  return Object.entries(jsonIn(text))
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]: [string, unknown]) => tensorOf(name, entry, 8 + text.length, size));
}

/** Names of the matrix: that of model2vec, and of sentence-transformers. */
export function isMatrix({ name }: Tensor): boolean {
  return name === 'embeddings' || name === 'embedding.weight';
}

/** The numbers of a tensor as they lie in the file. Throws WrongFile for a type that is not read here. */
export function numbersOf(file: number, { name, dtype, shape, start, bytes }: Tensor) {
  if (!isKnown(dtype)) throw broken(`${name} is of the type ${dtype}; ${Object.keys(makers).join(', ')} can be read`);
  const count = shape.reduce((product, each) => product * each, 1);
  if (count * SIZES[dtype] !== bytes)
    throw broken(`${name} has ${bytes} bytes, which are not ${shape.join(' × ')} numbers`);
  const memory = new ArrayBuffer(bytes);
  const MOST = 1 << 30;
  for (let at = 0; at < bytes; at += MOST) {
    const read = readSync(file, new Uint8Array(memory), at, Math.min(MOST, bytes - at), start + at);
    if (read === 0) throw broken(`${name} ends early`);
  }
  return makers[dtype](memory);
}

export type Numbers = ReturnType<typeof numbersOf>;

function tensorOf(name: string, entry: unknown, base: number, size: number): Tensor {
  const { dtype = '', shape = [], data_offsets: offsets = [] } = (entry ?? {}) as Partial<Record<string, unknown>>;
  if (!isList(shape) || shape.length === 0) throw broken(`${name} has no shape`);
  const [from, to] = isList(offsets) ? offsets : [];
  if (from === undefined || to === undefined || from > to || base + to > size)
    throw broken(`${name} lies outside of the file`);
  return { name, dtype: String(dtype), shape, start: base + from, bytes: to - from };
}

/** Whether something is a list of sizes. */
function isList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}

function isKnown(dtype: string): dtype is keyof typeof makers {
  return Object.hasOwn(makers, dtype);
}

function jsonIn(text: Buffer): object {
  try {
    const value: unknown = JSON.parse(text.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw broken('its head is no JSON');
}

function broken(why: string): WrongFile {
  return new WrongFile(`model.safetensors cannot be read: ${why}.`);
}
