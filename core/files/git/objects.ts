import { constants, type BigIntStats } from 'node:fs';
import { mkdir, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createDeflate, createInflate, deflate, deflateSync, inflateSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { allInTurns } from './turns.ts';
import { Fault } from '../../base/fault.ts';
import { createId } from '../../base/ids.ts';
import { syncFolder } from '../disk.ts';
import { isMissingFile } from '../system-calls.ts';
import { headerOf, nameObject, type GitObject, type NamedObject, type ObjectKind } from './codec.ts';

const deflateAsync = promisify(deflate);

/** Larger objects are not read. */
export const OBJECT_BYTES_MAX = 512 << 20;
/** Larger blobs are compressed in pieces. */
const STREAMED_FROM = 1 << 20;
const PIECE = 1 << 18;
const HEADER = /^(blob|tree|commit|tag) (\d{1,10})$/;
/** More would only hold more files open. */
const WRITTEN_AT_ONCE = 32;
const AT_ONCE_UP_TO = 4 << 10;
const SMALL_OUTPUT = 64 << 10;

/** Where objects are read from and written to. */
export interface ObjectStore {
  /** Undefined when there is none. What is answered has been checked against its name. */
  read(id: string): Promise<GitObject | undefined>;
  /** Answers when every object is on disk for good. */
  write(objects: Iterable<NamedObject>): Promise<void>;
}

/** Writes objects as git does: compressed, under a temporary name, synced, renamed. */
export async function writeLooseObjects(folder: string, objects: Iterable<NamedObject>): Promise<void> {
  const unique = new Map([...objects].map((object) => [object.id, object]));
  const made = await allInTurns([...unique.values()], WRITTEN_AT_ONCE, (object) => writeLoose(folder, object));
  await syncFolders(folder, made);
}

/** Reads a loose object; undefined when there is none. Follows no link. */
export async function readLooseObject(folder: string, id: string): Promise<GitObject | undefined> {
  const found = await readPlain(path.join(folder, id.slice(0, 2), id.slice(2)));
  if (!found) return undefined;
  const { header, content } = await decompress(found.content).catch((error: unknown) => {
    throw new Fault('GIT_DAMAGED', `The git object ${id} cannot be unpacked.`, { cause: error });
  });
  const [, kind, size] = HEADER.exec(header) ?? [];
  if (!kind || Number(size) !== content.length) {
    throw new Fault('GIT_DAMAGED', `The git object ${id} has a wrong header.`);
  }
  return checked(id, { kind: kind as ObjectKind, content });
}

/** The object when it is what its name says. */
export async function checked(id: string, object: GitObject): Promise<GitObject> {
  const named = await nameObject(object.kind, object.content);
  if (named.id !== id) throw new Fault('GIT_DAMAGED', `The git object ${id} holds something else.`);
  return object;
}

/** Stores a file of the work tree as a blob, never whole in memory. Undefined when it changes its size meanwhile. */
export async function writeBlobFromFile(
  folder: string,
  file: FileHandle,
  found: BigIntStats,
): Promise<string | undefined> {
  const temporary = path.join(folder, `tmp_obj_${createId()}`);
  const blob = new BlobOfFile(file, Number(found.size));
  try {
    await writeCompressed(temporary, blob.pieces());
    const { id } = blob;
    if (id === undefined) return undefined;
    const fan = path.join(folder, id.slice(0, 2));
    await mkdir(fan, { recursive: true });
    await rename(temporary, path.join(fan, id.slice(2)));
    await syncFolders(folder, [{ fan, isNew: true }]);
    return id;
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** What a file would be called as a blob. Undefined when it changes its size meanwhile. */
export async function nameBlobFromFile(file: FileHandle, found: BigIntStats): Promise<string | undefined> {
  const blob = new BlobOfFile(file, Number(found.size));
  for await (const _piece of blob.pieces()) await yieldToOthers();
  return blob.id;
}

/** A file as a blob, piece by piece. */
class BlobOfFile {
  readonly #file: FileHandle;
  readonly #size: number;
  #read = 0;
  id: string | undefined;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  async *pieces(): AsyncGenerator<Buffer> {
    const header = Buffer.from(headerOf('blob', this.#size));
    const hash = createHash('sha1').update(header);
    yield header;
    for (let isOver = false; !isOver;) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.alloc(PIECE), 0, PIECE, this.#read);
      const piece = buffer.subarray(0, bytesRead);
      this.#read += bytesRead;
      hash.update(piece);
      isOver = bytesRead === 0 || this.#read > this.#size;
      if (bytesRead > 0) yield piece;
    }
    if (this.#read === this.#size) this.id = hash.digest('hex');
  }
}

interface Place {
  readonly fan: string;
  readonly isNew: boolean;
}

async function writeLoose(folder: string, object: NamedObject): Promise<Place> {
  const isSmall = object.content.length < STREAMED_FROM;
  const packed = isSmall ? [await compress(object)] : undefined;
  // One that is there is replaced by its equal: a clean-up that runs now sees a young file and leaves it.
  return place(folder, object.id, (temporary) =>
    packed ? writeSynced(temporary, packed) : writeCompressed(temporary, piecesOf(object)),
  );
}

/** Writes a file under a temporary name where the object belongs, and renames it. */
async function place(folder: string, id: string, write: (file: string) => Promise<void>): Promise<Place> {
  const fan = path.join(folder, id.slice(0, 2));
  const temporary = path.join(fan, `tmp_obj_${createId()}`);
  let isNew = false;
  try {
    await write(temporary).catch(async (error: unknown) => {
      if (!isMissingFile(error)) throw error;
      isNew = true;
      await mkdir(fan, { recursive: true });
      await write(temporary);
    });
    await rename(temporary, path.join(fan, id.slice(2)));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw Fault.from(error);
  }
  return { fan, isNew };
}

async function syncFolders(folder: string, places: readonly Place[]): Promise<void> {
  const fans = new Set(places.map(({ fan }) => fan));
  if (places.some(({ isNew }) => isNew)) fans.add(folder);
  await allInTurns([...fans], WRITTEN_AT_ONCE, (fan) => syncFolder(fan));
}

/** A few bytes are compressed at once: to hand them over would take longer. */
async function compress({ kind, content }: NamedObject): Promise<Buffer> {
  const whole = Buffer.concat([Buffer.from(headerOf(kind, content.length), 'latin1'), content]);
  return whole.length <= AT_ONCE_UP_TO ? deflateSync(whole, { level: 1 }) : deflateAsync(whole, { level: 1 });
}

interface Unpacked {
  readonly header: string;
  readonly content: Buffer;
}

async function decompress(packed: Buffer): Promise<Unpacked> {
  if (packed.length > AT_ONCE_UP_TO) return decompressInPieces(packed);
  try {
    return split(inflateSync(packed, { maxOutputLength: SMALL_OUTPUT }));
  } catch {
    return decompressInPieces(packed);
  }
}

/** Fills a buffer of the size that the header tells, piece by piece. */
async function decompressInPieces(packed: Buffer): Promise<Unpacked> {
  const unpacker = createInflate({ chunkSize: Math.min(PIECE, Math.max(packed.length * 4, SMALL_OUTPUT)) });
  unpacker.end(packed);
  let whole: Unpacked | undefined;
  let at = 0;
  for await (const piece of unpacker as AsyncIterable<Buffer>) {
    if (whole) {
      if (at + piece.length > whole.content.length) throw new Error('It is longer than it says.');
      at += piece.copy(whole.content, at);
      continue;
    }
    const { header, content } = split(piece);
    const size = Number(HEADER.exec(header)?.[2] ?? -1);
    if (size < content.length || size > OBJECT_BYTES_MAX) throw new Error('Its header is wrong.');
    whole = { header, content: Buffer.allocUnsafeSlow(size) };
    at = content.copy(whole.content);
  }
  if (!whole || at !== whole.content.length) throw new Error('It is cut off.');
  return whole;
}

function split(whole: Buffer): Unpacked {
  const end = Math.max(whole.indexOf(0), 0);
  return { header: whole.toString('latin1', 0, end), content: whole.subarray(end + 1) };
}

function* piecesOf(object: NamedObject): Generator<Buffer> {
  yield Buffer.from(headerOf(object.kind, object.content.length), 'latin1');
  for (let at = 0; at < object.content.length; at += PIECE) yield object.content.subarray(at, at + PIECE);
}

async function writeCompressed(file: string, pieces: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<void> {
  const packer = createDeflate({ level: 1 });
  const feed = async (): Promise<void> => {
    for await (const piece of pieces) {
      if (!packer.write(piece)) await new Promise((resolve) => packer.once('drain', resolve));
      await yieldToOthers();
    }
    packer.end();
  };
  const fed = feed().catch((error: unknown) => packer.destroy(error as Error));
  await writeSynced(file, packer as AsyncIterable<Buffer>);
  await fed;
}

async function writeSynced(file: string, pieces: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<void> {
  const handle = await open(file, 'wx', 0o444);
  try {
    for await (const piece of pieces) await handle.writeFile(piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A plain file with what the system says of it. */
export interface PlainFile {
  readonly content: Buffer;
  readonly stat: BigIntStats;
}

/** A plain file whole; undefined when there is none, or a folder. A link in its place is a fault. */
export async function readPlain(file: string): Promise<PlainFile | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(
    unlessLink(file),
  );
  if (!handle) return undefined;
  try {
    const stat = await handle.stat({ bigint: true });
    if (stat.isDirectory()) return undefined;
    if (!stat.isFile()) throw new Fault('GIT_UNTRUSTED', `${file} is no plain file.`);
    const content = Buffer.alloc(Number(stat.size));
    let bytes = 0;
    for (let read = -1; bytes < content.length && read !== 0; bytes += read) {
      ({ bytesRead: read } = await handle.read(content, bytes, content.length - bytes, bytes));
    }
    return { content: content.subarray(0, bytes), stat };
  } finally {
    await handle.close();
  }
}

function unlessLink(file: string): (error: unknown) => undefined {
  return (error) => {
    if (isMissingFile(error)) return undefined;
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? linkFault(file) : Fault.from(error);
  };
}

export function linkFault(file: string): Fault {
  return new Fault('GIT_UNTRUSTED', `${file} is a symbolic link; a repository of a bot must lie in its own folder.`);
}

/** Reads a whole text in this way, for files of a few kilobytes. */
export async function readPlainText(file: string): Promise<string | undefined> {
  return (await readPlain(file))?.content.toString();
}
