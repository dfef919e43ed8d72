import { Fault } from '../base/fault.ts';

/** Every part of a tar archive is a multiple of this, in bytes. */
export const BLOCK = 512;

/** A header as it stands in an archive, in the forms ustar, pax and GNU (POSIX.1-2024 pax, GNU tar manual 15). */
export interface TarHeader {
  readonly name: string;
  /** One character; `0` is a plain file. */
  readonly type: string;
  readonly bytes: number;
  readonly mode: number;
  readonly modifiedMs: number;
}

/** Bytes of the name and of what may stand before it in a ustar header. */
const NAME = 100;
const PREFIX = 155;
/** Largest size that twelve octal digits hold. */
const MAX_OCTAL = 8 ** 11 - 1;

/** The blocks that announce a file: its header, before it a pax header where the name or the size does not fit. */
export function encodeHeader(header: TarHeader): Buffer {
  const place = splitName(header.name);
  const records = [
    ...(place ? [] : [paxRecord('path', header.name)]),
    ...(header.bytes > MAX_OCTAL ? [paxRecord('size', String(header.bytes))] : []),
  ];
  const bytes = Math.min(header.bytes, MAX_OCTAL);
  const plain = encodeUstar({ ...header, bytes }, place ?? { prefix: '', name: asciiName(header.name) });
  if (records.length === 0) return plain;
  const body = Buffer.concat(records);
  const extra = encodeUstar({ ...header, type: 'x', bytes: body.length }, { prefix: '', name: 'pax' });
  return Buffer.concat([extra, body, padding(body.length), plain]);
}

/** Zeros up to the next block. */
export function padding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);
}

/** Reads a header. Undefined for a block of zeros, which ends an archive. Throws ARCHIVE_INVALID. */
export function decodeHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (block.toString('latin1', 257, 262) !== 'ustar') throw invalid('is no tar archive');
  if (readOctal(block, 148, 8) !== checksumOf(block)) throw invalid('has a header whose checksum is wrong');
  const isPosix = block[262] === 0;
  const prefix = isPosix ? readText(block, 345, PREFIX) : '';
  const name = readText(block, 0, NAME);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0),
    bytes: readNumber(block, 124, 12),
    mode: readNumber(block, 100, 8),
    modifiedMs: readNumber(block, 136, 12) * 1000,
  };
}

/** The records of a pax header. */
export function decodePax(body: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.toString('latin1', at, Math.max(at, space)));
    const end = at + length;
    if (space < 0 || !Number.isSafeInteger(length) || end > body.length || end <= space || body[end - 1] !== 0x0a)
      throw invalid('has an extended header that cannot be read');
    const record = decodeText(body.subarray(space + 1, end - 1));
    const equals = record.indexOf('=');
    if (equals <= 0) throw invalid('has an extended header that cannot be read');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
}

export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('has a name that is not UTF-8');
  }
}

export function invalid(why: string): Fault {
  return new Fault('ARCHIVE_INVALID', `The archive ${why}.`);
}

function splitName(name: string): { prefix: string; name: string } | undefined {
  // eslint-disable-next-line no-control-regex
  if (/[^\u0020-\u007E]/.test(name)) return undefined;
  if (name.length <= NAME) return { prefix: '', name };
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    if (at <= PREFIX && name.length - at - 1 <= NAME && at > 0)
      return { prefix: name.slice(0, at), name: name.slice(at + 1) };
  }
  return undefined;
}

function asciiName(name: string): string {
  return name.replaceAll(/[^ -~]/g, '_').slice(-NAME);
}

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function encodeUstar(header: TarHeader, place: { prefix: string; name: string }): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void =>
    void block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  block.write(place.name, 0, NAME, 'latin1');
  octal(header.mode & 0o7777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(header.bytes, 124, 12);
  octal(Math.max(0, Math.floor(header.modifiedMs / 1000)), 136, 12);
  block.write(header.type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(place.prefix, 345, PREFIX, 'latin1');
  block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

function readText(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return decodeText(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or base 256 where the first bit is set (GNU). */
function readNumber(block: Buffer, at: number, length: number): number {
  if (((block[at] ?? 0) & 0x80) === 0) return readOctal(block, at, length);
  let value = (block[at] ?? 0) & 0x7f;
  for (let next = at + 1; next < at + length; next += 1) value = value * 256 + (block[next] ?? 0);
  if (!Number.isSafeInteger(value)) throw invalid('has a number that is too large');
  return value;
}

function readOctal(block: Buffer, at: number, length: number): number {
  const digits = block
    .toString('latin1', at, at + length)
    .replace(/\0[^]*$/, '')
    .trim();
  if (!/^[0-7]*$/.test(digits)) throw invalid('has a number that cannot be read');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}
