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
  readonly count: number;
  /** All entries, one behind the other. */
  readonly entries: Buffer;
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
  readonly end: number;
}

/** A new entry: with `stat` undefined git looks into the file the next time it is asked. `undefined` removes. */
export type IndexChange =
  | { readonly mode: Mode; readonly id: string; readonly stat?: BigIntStats | undefined }
  | undefined;

const SIGNATURE = 0x44495243;
const HEADER = 12;
const FIXED = 62;
const STEPS_BETWEEN_YIELDS = 20_000;

export function emptyIndex(): IndexFile {
  return { version: 2, count: 0, entries: Buffer.alloc(0), writtenNs: 0n };
}

/** Reads an index; undefined when it is damaged, so that it must be made anew. Throws GIT_UNTRUSTED on a split or a sparse one. */
export async function parseIndex(content: Buffer, writtenNs: bigint): Promise<IndexFile | undefined> {
  if (content.length < HEADER + 20 || content.readUInt32BE(0) !== SIGNATURE) return undefined;
  const version = content.readUInt32BE(4);
  const count = content.readUInt32BE(8);
  const body = content.subarray(0, -20);
  const sum = content.subarray(-20);
  if (version < 2 || version > 4) return undefined;
  if (sum.some((byte) => byte !== 0) && !(await sumOf([body])).equals(sum)) return undefined;
  const end = version === 4 ? undefined : await endOfEntries(body, count);
  const unpacked = version === 4 ? await unpackPaths(body, count) : undefined;
  const extensions = end ?? unpacked?.end;
  if (extensions === undefined) return undefined;
  const tree = readExtensions(body, extensions, count);
  const entries = unpacked?.entries ?? body.subarray(HEADER, extensions);
  return { version: version === 2 ? 2 : 3, count, entries, writtenNs, ...(tree && { tree }) };
}

/** Every entry in order; others get a turn now and then. */
export async function* readEntries(index: IndexFile): AsyncGenerator<IndexEntry[]> {
  let batch: IndexEntry[] = [];
  for (let at = 0; at < index.entries.length;) {
    const entry = entryAt(index.entries, at);
    batch.push(entry);
    at = entry.end;
    if (batch.length < 5000) continue;
    yield batch;
    batch = [];
    await yieldToOthers();
  }
  yield batch;
}

/**
 * The bytes of an index with some paths changed (keys are bytes as Latin-1). `tree` is the tree that all entries then are, if
 * that is known. Throws GIT_MOVED when the index holds conflicts.
 */
export async function patchIndex(
  index: IndexFile,
  changes: ReadonlyMap<string, IndexChange>,
  tree: string | undefined,
): Promise<Buffer> {
  const added = [...changes].flatMap(([path, change]) => (change ? [{ path, entry: encodeEntry(path, change) }] : []));
  added.sort((a, b) => (a.path < b.path ? -1 : 1));
  const isReplaced = replacedBy(added.map(({ path }) => path));
  const pieces: Buffer[] = [];
  let next = 0;
  let keptFrom = 0;
  let gone = 0;
  const keepUntil = (at: number): void => void (at > keptFrom && pieces.push(index.entries.subarray(keptFrom, at)));
  const addUntil = (path: string | undefined): void => {
    for (; next < added.length; next += 1) {
      const add = added[next];
      if (!add || (path !== undefined && add.path >= path)) return;
      pieces.push(add.entry);
    }
  };
  for (let at = 0, walked = 1; at < index.entries.length; walked += 1) {
    if (walked % STEPS_BETWEEN_YIELDS === 0) await yieldToOthers();
    const { path, stage, end } = placeAt(index.entries, at);
    if (stage > 0) throw new Fault('GIT_MOVED', 'The index holds conflicts that are not resolved.');
    if ((added[next]?.path ?? '\uffff') < path) {
      keepUntil(at);
      keptFrom = at;
      addUntil(path);
    }
    if (changes.has(path) || isReplaced(path)) {
      keepUntil(at);
      keptFrom = end;
      gone += 1;
    } else {
      smudge(index, at);
    }
    at = end;
  }
  keepUntil(index.entries.length);
  addUntil(undefined);
  return encodeIndex(index.version, index.count - gone + added.length, pieces, tree);
}

/** Tells of each path, asked in order, whether one of the added ones takes its place: a file a folder, or a folder a file. */
function replacedBy(added: readonly string[]): (path: string) => boolean {
  const above = new Set<string>();
  for (const path of added) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) above.add(path.slice(0, at));
  }
  const folders = added.map((path) => `${path}/`).toSorted((a, b) => (a < b ? -1 : 1));
  let next = 0;
  return (path) => {
    while (next < folders.length && (folders[next] ?? '') < path && !path.startsWith(folders[next] ?? '')) next += 1;
    return above.has(path) || path.startsWith(folders[next] ?? '\0');
  };
}

/** An entry not older than the index may hide a change of the same moment: without its size git looks into the file. */
function smudge(index: IndexFile, at: number): void {
  const { entries, writtenNs } = index;
  const seconds = entries.readUInt32BE(at + 8) - Number(writtenNs / 1_000_000_000n);
  const isOlder = seconds < 0 || (seconds === 0 && entries.readUInt32BE(at + 12) < Number(writtenNs % 1_000_000_000n));
  if (!isOlder) entries.writeUInt32BE(0, at + 36);
}

async function encodeIndex(
  version: number,
  count: number,
  entries: Buffer[],
  tree: string | undefined,
): Promise<Buffer> {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(SIGNATURE, 0);
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(count, 8);
  const pieces = [header, ...entries, ...(tree ? [encodeTreeExtension(count, tree)] : [])];
  return Buffer.concat([...pieces, await sumOf(pieces)]);
}

/** The root alone: its folders are worked out by git when it needs them. */
function encodeTreeExtension(count: number, tree: string): Buffer {
  const content = Buffer.concat([Buffer.from(`\0${count} 0\n`), Buffer.from(tree, 'hex')]);
  const header = Buffer.from('TREE\0\0\0\0');
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

function encodeEntry(path: string, { mode, id, stat }: NonNullable<IndexChange>): Buffer {
  const entry = Buffer.alloc(Math.ceil((FIXED + path.length + 1) / 8) * 8);
  const put = (value: bigint, at: number): void => void entry.writeUInt32BE(Number(value & 0xffffffffn), at);
  if (stat) {
    put(stat.ctimeNs / 1_000_000_000n, 0);
    put(stat.ctimeNs % 1_000_000_000n, 4);
    put(stat.mtimeNs / 1_000_000_000n, 8);
    put(stat.mtimeNs % 1_000_000_000n, 12);
    put(stat.dev, 16);
    put(stat.ino, 20);
    put(stat.uid, 28);
    put(stat.gid, 32);
    put(stat.size, 36);
  }
  entry.writeUInt32BE(Number.parseInt(mode, 8), 24);
  entry.write(id, 40, 'hex');
  entry.writeUInt16BE(Math.min(path.length, 0xfff), 60);
  entry.write(path, FIXED, 'latin1');
  return entry;
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
  return {
    ...placeAt(bytes, start),
    mode: bytes.readUInt32BE(start + 24).toString(8) as Mode,
    id: bytes.toString('hex', start + 40, start + 60),
    size: bytes.readUInt32BE(start + 36),
  };
}

function placeAt(bytes: Buffer, start: number): Omit<IndexEntry, 'mode' | 'id' | 'size'> {
  const flags = bytes.readUInt16BE(start + 60);
  const isExtended = (flags & 0x4000) !== 0;
  const isSkipped = isExtended && (bytes.readUInt16BE(start + 62) & 0x4000) !== 0;
  const pathStart = start + FIXED + (isExtended ? 2 : 0);
  const length = flags & 0xfff;
  const pathEnd = length < 0xfff ? pathStart + length : bytes.indexOf(0, pathStart + length);
  const path = bytes.toString('latin1', pathStart, pathEnd);
  const end = start + Math.ceil((pathEnd - start + 1) / 8) * 8;
  return { path, stage: (flags >> 12) & 3, isSkipped, start, end };
}

/** Where the entries end; undefined when they run over the end of the file. */
async function endOfEntries(body: Buffer, count: number): Promise<number | undefined> {
  let at = HEADER;
  for (let number = 1; number <= count; number += 1) {
    if (number % STEPS_BETWEEN_YIELDS === 0) await yieldToOthers();
    if (at + FIXED + 2 > body.length) return undefined;
    const flags = body.readUInt16BE(at + 60);
    const pathStart = at + FIXED + (flags & 0x4000 ? 2 : 0);
    const length = flags & 0xfff;
    const pathEnd = length < 0xfff ? pathStart + length : body.indexOf(0, pathStart + length);
    if (pathEnd < pathStart) return undefined;
    at += Math.ceil((pathEnd - at + 1) / 8) * 8;
  }
  return at > body.length ? undefined : at;
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

async function sumOf(pieces: readonly Buffer[]): Promise<Buffer> {
  const hash = createHash('sha1');
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += 1 << 20) {
      if (at > 0) await yieldToOthers();
      hash.update(piece.subarray(at, at + (1 << 20)));
    }
  }
  return hash.digest();
}
