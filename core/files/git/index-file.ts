import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { Fault } from '../../base/fault.ts';
import type { Mode } from './repository.ts';

/**
 * The index file of git, versions 2 to 4 read, 2 and 3 written (gitformat-index). Entries stay bytes: a large index is walked
 * and patched, never turned into objects as a whole.
 */
export interface IndexFile {
  readonly version: 2 | 3;
  /** All entries, one behind the other. */
  readonly entries: Buffer;
  /** Where each entry begins. */
  readonly starts: Uint32Array;
  /** The tree that all entries together are, where the file says so. */
  readonly tree?: string;
  /** When it was written, in nanoseconds since 1970: entries not older than this may hide a change. */
  readonly writtenNs: bigint;
}

/** One entry, as far as it matters. */
export interface IndexEntry {
  /** Bytes as Latin-1. */
  readonly path: string;
  readonly mode: Mode;
  readonly id: string;
  readonly stage: number;
  readonly isSkipped: boolean;
  readonly size: number;
  readonly start: number;
}

/** A new entry: with `stat` undefined git looks into the file the next time it is asked. `undefined` removes. */
export type IndexChange =
  | { readonly mode: Mode; readonly id: string; readonly stat?: BigIntStats | undefined }
  | undefined;

export const SIGNATURE = 0x44495243;
export const HEADER = 12;
/** Bytes of an entry before its path, without the two that version 3 may add. */
export const FIXED = 62;
const STEPS_BETWEEN_YIELDS = 50_000;
const ENTRIES_AT_ONCE = 5000;

export function emptyIndex(): IndexFile {
  return { version: 2, entries: Buffer.alloc(0), starts: new Uint32Array(0), writtenNs: 0n };
}

/**
 * Reads an index; undefined when it is damaged, so that it must be made anew. `isKnown` says that its sum needs no check.
 * Throws GIT_UNTRUSTED on a split or a sparse one.
 */
export async function parseIndex(content: Buffer, writtenNs: bigint, isKnown = false): Promise<IndexFile | undefined> {
  if (content.length < HEADER + 20 || content.readUInt32BE(0) !== SIGNATURE) return undefined;
  const version = content.readUInt32BE(4);
  const count = content.readUInt32BE(8);
  const body = content.subarray(0, -20);
  const sum = content.subarray(-20);
  if (version < 2 || version > 4 || count * FIXED > content.length) return undefined;
  // A person may have told git to leave the sum out, for speed.
  if (!isKnown && sum.some((byte) => byte !== 0) && !(await sumOf([body])).equals(sum)) return undefined;
  const unpacked = version === 4 ? await unpackPaths(body, count) : undefined;
  if (version === 4 && !unpacked) return undefined;
  const entries = unpacked?.entries ?? body.subarray(HEADER);
  const found = await findStarts(entries, count);
  if (!found) return undefined;
  const tree = readExtensions(body, unpacked?.end ?? HEADER + found.end, count);
  const { starts, end } = found;
  return {
    version: version === 2 ? 2 : 3,
    entries: entries.subarray(0, end),
    starts,
    writtenNs,
    ...(tree && { tree }),
  };
}

/** Every entry in order; others get a turn now and then. */
export async function* readEntries(index: IndexFile): AsyncGenerator<IndexEntry[]> {
  for (let from = 0; from < index.starts.length; from += ENTRIES_AT_ONCE) {
    if (from > 0) await yieldToOthers();
    yield Array.from(index.starts.subarray(from, from + ENTRIES_AT_ONCE), (start) => entryAt(index.entries, start));
  }
}

/** Whether a file is as the index saw it, by everything that git compares. A size of 0 may stand for "look into it". */
export function isAsSeen(index: IndexFile, entry: IndexEntry, stat: BigIntStats): boolean {
  const at = (offset: number): bigint => BigInt(index.entries.readUInt32BE(entry.start + offset));
  const low = (value: bigint): bigint => value & 0xffffffffn;
  const mtime = at(8) * 1_000_000_000n + at(12);
  return (
    mtime < index.writtenNs &&
    mtime === stat.mtimeNs &&
    at(0) * 1_000_000_000n + at(4) === stat.ctimeNs &&
    at(20) === low(stat.ino) &&
    at(28) === low(stat.uid) &&
    at(32) === low(stat.gid) &&
    at(36) === low(stat.size)
  );
}

function entryAt(bytes: Buffer, start: number): IndexEntry {
  const flags = bytes.readUInt16BE(start + 60);
  const isExtended = (flags & 0x4000) !== 0;
  const { from, to } = pathAt(bytes, start);
  return {
    path: bytes.toString('latin1', from, to),
    stage: (flags >> 12) & 3,
    isSkipped: isExtended && (bytes.readUInt16BE(start + FIXED) & 0x4000) !== 0,
    mode: bytes.readUInt32BE(start + 24).toString(8) as Mode,
    id: bytes.toString('hex', start + 40, start + 60),
    size: bytes.readUInt32BE(start + 36),
    start,
  };
}

/** Where the path of an entry lies. */
export function pathAt(bytes: Buffer, start: number): { from: number; to: number } {
  const high = bytes[start + 60] ?? 0;
  const from = start + FIXED + (high & 0x40 ? 2 : 0);
  const length = ((high & 0x0f) << 8) | (bytes[start + 61] ?? 0);
  return { from, to: length < 0xfff ? from + length : bytes.indexOf(0, from + length) };
}

/** Where entries begin and end; undefined when they run over the end of the file. */
async function findStarts(entries: Buffer, count: number): Promise<{ starts: Uint32Array; end: number } | undefined> {
  const starts = new Uint32Array(count);
  let at = 0;
  for (let number = 0; number < count; number += 1) {
    if (number % STEPS_BETWEEN_YIELDS === STEPS_BETWEEN_YIELDS - 1) await yieldToOthers();
    if (at + FIXED + 2 > entries.length) return undefined;
    starts[number] = at;
    const { from, to } = pathAt(entries, at);
    if (to < from) return undefined;
    at += Math.ceil((to - at + 1) / 8) * 8;
  }
  return at > entries.length ? undefined : { starts, end: at };
}

/** Version 4 leaves out what a path shares with the one before: gives the entries as version 3 has them. */
async function unpackPaths(body: Buffer, count: number): Promise<{ entries: Buffer; end: number } | undefined> {
  const pieces: Buffer[] = [];
  let path = '';
  let at = HEADER;
  for (let number = 1; number <= count; number += 1) {
    if (number % STEPS_BETWEEN_YIELDS === 0) await yieldToOthers();
    if (at + FIXED + 2 > body.length) return undefined;
    const fixedEnd = at + FIXED + (body.readUInt16BE(at + 60) & 0x4000 ? 2 : 0);
    let { value: cut, next } = readVarint(body, fixedEnd);
    const end = body.indexOf(0, next);
    if (end < 0 || cut > path.length) return undefined;
    path = path.slice(0, path.length - cut) + body.toString('latin1', next, end);
    const fixed = fixedEnd - at;
    const entry = Buffer.alloc(Math.ceil((fixed + path.length + 1) / 8) * 8);
    body.copy(entry, 0, at, fixedEnd);
    entry.write(path, fixed, 'latin1');
    pieces.push(entry);
    next = end + 1;
    at = next;
  }
  return { entries: Buffer.concat(pieces), end: at };
}

/** The number form of pack offsets: seven bits a byte, each further byte adds one. */
function readVarint(bytes: Buffer, start: number): { value: number; next: number } {
  let byte = bytes[start] ?? 0;
  let value = byte & 0x7f;
  let next = start + 1;
  while (byte & 0x80 && next < bytes.length && next < start + 5) {
    byte = bytes[next] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
    next += 1;
  }
  return { value, next };
}

function readExtensions(body: Buffer, from: number, count: number): string | undefined {
  let tree: string | undefined;
  for (let at = from; at + 8 <= body.length;) {
    const name = body.toString('latin1', at, at + 4);
    const end = at + 8 + body.readUInt32BE(at + 4);
    if (/^[^A-Z]/.test(name)) {
      const what = name === 'sdir' ? 'sparse' : name === 'link' ? 'split' : `of an unknown form (${name})`;
      throw new Fault('GIT_UNTRUSTED', `The index of the repository is ${what}; only a plain one can be kept in step.`);
    }
    if (name === 'TREE') tree = rootOf(body.subarray(at + 8, end), count);
    at = end;
  }
  return tree;
}

function rootOf(content: Buffer, count: number): string | undefined {
  const line = content.indexOf(0x0a);
  const [, entries] = /^\0(\d+) \d+$/.exec(content.toString('latin1', 0, Math.max(line, 0))) ?? [];
  if (Number(entries) !== count || content.length < line + 21) return undefined;
  return content.toString('hex', line + 1, line + 21);
}

/** SHA-1 over all, others get a turn in between. */
export async function sumOf(pieces: readonly Buffer[]): Promise<Buffer> {
  const hash = createHash('sha1');
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += 1 << 20) {
      if (at > 0) await yieldToOthers();
      hash.update(piece.subarray(at, at + (1 << 20)));
    }
  }
  return hash.digest();
}
