import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Packed } from 'boternity';

/** Smaller files are read whole before their header is written, so that one that changes meanwhile does no harm. */
const WHOLE_BYTES = 1024 * 1024;
const PIECE_BYTES = 256 * 1024;
const LINE_BREAK = 0x0a;

/** A large file became shorter while it was read; the backup has to begin again. */
export class FileShrank extends Error {}

export interface HashedFile extends Packed {
  /** Known when the content was read. */
  readonly sha256: () => string;
}

/**
 * A file as it is at this moment, ready for an archive: undefined when it is gone. Of a journal that grows only whole lines are taken, so
 * that a line that is being written is left for the next backup.
 */
export async function fileNow(place: string, path: string): Promise<HashedFile | undefined> {
  const handle = await openPlain(place);
  if (!handle) return undefined;
  try {
    const { size, mode, mtimeMs } = await handle.stat();
    const said = { path, mode: (mode & 0o111) === 0 ? mode & 0o666 : mode & 0o777, modifiedMs: mtimeMs };
    if (size <= WHOLE_BYTES) return whole(said, await readUpTo(handle, size));
    const bytes = path.endsWith('.jsonl') ? await endOfLines(handle, size) : size;
    const hash = createHash('sha256');
    return { ...said, bytes, content: piecesOf(place, bytes, hash), sha256: once(hash) };
  } finally {
    await handle.close();
  }
}

function whole(said: { path: string; mode: number; modifiedMs: number }, read: Buffer): HashedFile {
  const content = said.path.endsWith('.jsonl') ? read.subarray(0, read.lastIndexOf(LINE_BREAK) + 1) : read;
  const hash = createHash('sha256').update(content);
  return { ...said, bytes: content.length, content, sha256: once(hash) };
}

function once(hash: Hash): () => string {
  let digest: string | undefined;
  return () => (digest ??= hash.digest('hex'));
}

/** Never a link, never a pipe that nobody writes to. */
async function openPlain(place: string): Promise<FileHandle | undefined> {
  try {
    const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function readUpTo(handle: FileHandle, size: number): Promise<Buffer> {
  const content = Buffer.allocUnsafe(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await handle.read(content, at, size - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return content.subarray(0, at);
}

/** Where the last whole line before `size` ends. */
async function endOfLines(handle: FileHandle, size: number): Promise<number> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - PIECE_BYTES);
    const { bytesRead } = await handle.read(piece, 0, end - start, start);
    const found = piece.subarray(0, bytesRead).lastIndexOf(LINE_BREAK);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}

async function* piecesOf(place: string, bytes: number, hash: Hash): AsyncGenerator<Buffer> {
  const handle = await openPlain(place);
  if (!handle) throw new FileShrank();
  try {
    for (let at = 0; at < bytes;) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, bytes - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) throw new FileShrank();
      hash.update(piece.subarray(0, bytesRead));
      yield piece.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
