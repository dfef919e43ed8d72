import { constants, type BigIntStats } from 'node:fs';
import { mkdir, open, rename, unlink, utimes, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createDeflate, deflate, inflate } from 'node:zlib';
import { createHash } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import { createId } from '../../base/ids.ts';
import { syncFolder } from '../disk.ts';
import { isMissingFile } from '../system-calls.ts';
import { headerOf, nameObject, type GitObject, type NamedObject, type ObjectKind } from './codec.ts';

const deflateAsync = promisify(deflate);
const inflateAsync = promisify(inflate);

/** Larger objects are never held in memory as a whole by reading them. */
const OBJECT_BYTES_MAX = 512 << 20;
/** Larger blobs are compressed in pieces. */
const STREAMED_FROM = 1 << 20;
const PIECE = 1 << 18;

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
  const made = await Promise.all([...unique.values()].map((object) => writeLoose(folder, object)));
  await syncFolders(folder, made);
}

/** Reads a loose object; undefined when there is none. Follows no link. */
export async function readLooseObject(folder: string, id: string): Promise<GitObject | undefined> {
  const packed = await readPlain(path.join(folder, id.slice(0, 2), id.slice(2)));
  if (!packed) return undefined;
  const whole = await inflateAsync(packed, { maxOutputLength: OBJECT_BYTES_MAX }).catch((error: unknown) => {
    throw new Fault('GIT_DAMAGED', `The git object ${id} cannot be unpacked.`, { cause: error });
  });
  const end = whole.indexOf(0);
  const [, kind, size] = /^(blob|tree|commit|tag) (\d+)$/.exec(whole.toString('latin1', 0, Math.max(end, 0))) ?? [];
  const content = whole.subarray(end + 1);
  if (!kind || Number(size) !== content.length)
    throw new Fault('GIT_DAMAGED', `The git object ${id} has a wrong header.`);
  return checked(id, { kind: kind as ObjectKind, content });
}

/** The object when it is what its name says. */
export async function checked(id: string, object: GitObject): Promise<GitObject> {
  const named = await nameObject(object.kind, object.content);
  if (named.id !== id) throw new Fault('GIT_DAMAGED', `The git object ${id} holds something else.`);
  return object;
}

/** Stores a file of the work tree as a blob, never whole in memory. The file must keep its size meanwhile, else undefined. */
export async function writeBlobFromFile(
  folder: string,
  file: FileHandle,
  found: BigIntStats,
): Promise<string | undefined> {
  const size = Number(found.size);
  const hash = createHash('sha1');
  const temporary = path.join(folder, `tmp_obj_${createId()}`);
  let read = 0;
  const pieces = async function* (): AsyncGenerator<Buffer> {
    const header = Buffer.from(headerOf('blob', size));
    hash.update(header);
    yield header;
    for await (const piece of file.createReadStream({ start: 0, autoClose: false, highWaterMark: PIECE })) {
      const bytes = piece as Buffer;
      read += bytes.length;
      hash.update(bytes);
      yield bytes;
    }
  };
  try {
    await writeCompressed(temporary, pieces());
    if (read !== size) return undefined;
    const id = hash.digest('hex');
    const place = await placeOf(folder, id);
    await rename(temporary, place.file);
    await syncFolders(folder, [place]);
    return id;
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

interface Place {
  readonly file: string;
  readonly fan: string;
  readonly isNew: boolean;
}

async function writeLoose(folder: string, object: NamedObject): Promise<Place | undefined> {
  const known = path.join(folder, object.id.slice(0, 2), object.id.slice(2));
  // An old one is touched, so that a clean-up of unreachable objects that runs now leaves it.
  const now = new Date();
  if (await utimes(known, now, now).then(...isDone)) return undefined;
  const place = await placeOf(folder, object.id);
  const temporary = path.join(place.fan, `tmp_obj_${createId()}`);
  try {
    if (object.content.length < STREAMED_FROM) {
      const header = Buffer.from(headerOf(object.kind, object.content.length), 'latin1');
      await writeSynced(temporary, [await deflateAsync(Buffer.concat([header, object.content]), { level: 1 })]);
    } else {
      await writeCompressed(temporary, piecesOf(object));
    }
    await rename(temporary, place.file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw Fault.from(error);
  }
  return place;
}

const isDone = [() => true, () => false] as const;

async function placeOf(folder: string, id: string): Promise<Place> {
  const fan = path.join(folder, id.slice(0, 2));
  const isNew = await mkdir(fan).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw Fault.from(error);
      return false;
    },
  );
  return { file: path.join(fan, id.slice(2)), fan, isNew };
}

async function syncFolders(folder: string, places: readonly (Place | undefined)[]): Promise<void> {
  const written = places.filter((place) => place !== undefined);
  const fans = new Set(written.map(({ fan }) => fan));
  if (written.some(({ isNew }) => isNew)) fans.add(folder);
  await Promise.all([...fans].map((fan) => syncFolder(fan)));
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

/** A plain file whole, undefined when there is none. A link in its place is a fault. */
export async function readPlain(file: string): Promise<Buffer | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? linkFault(file) : Fault.from(error);
  }
  try {
    if (!(await handle.stat()).isFile()) throw new Fault('GIT_UNTRUSTED', `${file} is no plain file.`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

export function linkFault(file: string): Fault {
  return new Fault('GIT_UNTRUSTED', `${file} is a symbolic link; a repository of a bot must lie in its own folder.`);
}

/** Reads a whole text in this way, for files of a few kilobytes. */
export async function readPlainText(file: string): Promise<string | undefined> {
  return (await readPlain(file))?.toString();
}
