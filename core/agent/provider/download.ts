import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../../base/fault.ts';
import { makeFolder, syncFolder } from '../../files/disk.ts';

export interface Wanted {
  readonly url: string;
  /** Checksum that the file is held to, in small letters. Without one nothing of a broken download is gone on with. */
  readonly sha256?: string | undefined;
  /** Where it will lie. */
  readonly place: string;
  /** Throws where the beginning of a file says that it is of another sort. */
  readonly assertSort?: (beginning: Uint8Array) => void;
}

/** A file that was downloaded. */
export interface Downloaded {
  readonly bytes: number;
  readonly sha256: string;
}

/** How far a download is. */
export type OnBytes = (bytes: number, all: number | undefined) => void;

/** Longest silence of the other end, in milliseconds. */
const SILENCE_MS = 60_000;
/** Kept free on the disk, in bytes. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** A server says so where the rest of a file is asked for that is there already. */
const WHOLE = 416;

const running = new Set<string>();

/** Answers of servers that know no HEAD, or sign addresses for a GET alone. */
const NO_HEAD = new Set([403, 405, 501]);

/** What a server says of the size of a file; undefined where it does not. Throws where it does not have it. */
export async function sizeAt(url: string, signal: AbortSignal): Promise<number | undefined> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(SILENCE_MS)]);
  const response = await ask(url, { method: 'HEAD' }, limited, NO_HEAD);
  const bytes = Number(response.headers.get('content-length') ?? Number.NaN);
  return response.ok && bytes > 0 ? bytes : undefined;
}

/**
 * Downloads a file to its place, where it appears whole and only with the right checksum. What came before a break is kept and
 * gone on with the next time; what turns out to be another file is removed.
 */
export async function download(wanted: Wanted, signal: AbortSignal, onBytes: OnBytes): Promise<Downloaded> {
  const { place, sha256 } = wanted;
  if (running.has(place))
    throw new Fault('MODEL_DOWNLOAD_RUNNING', `${path.basename(place)} is being downloaded already.`);
  running.add(place);
  try {
    const folder = path.dirname(place);
    await makeFolder(folder);
    const part = `${place}.${sha256?.slice(0, 16) ?? 'any'}.part`;
    if (sha256 === undefined) await rm(part, { force: true });
    await fetchInto(part, wanted, signal, onBytes);
    const found = await verify(part, wanted);
    await rename(part, place);
    await syncFolder(folder);
    return found;
  } finally {
    running.delete(place);
  }
}

async function fetchInto(part: string, wanted: Wanted, signal: AbortSignal, onBytes: OnBytes): Promise<void> {
  const { url } = wanted;
  const before = await sizeOnDisk(part);
  const silence = new AbortController();
  const response = await ask(
    url,
    before > 0 ? { headers: { range: `bytes=${before}-` } } : {},
    AbortSignal.any([signal, silence.signal]),
  );
  if (response.status === WHOLE) return;
  const start = response.status === 206 ? before : 0;
  const rest = Number(response.headers.get('content-length') ?? Number.NaN);
  const all = Number.isFinite(rest) ? start + rest : undefined;
  await assertRoom(path.dirname(part), Number.isFinite(rest) ? rest : 0);
  const file = await open(part, start > 0 ? 'a' : 'w', 0o600);
  const late = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    await pour(response, file, start, (bytes, piece) => {
      if (bytes === piece.length) wanted.assertSort?.(piece);
      late.refresh();
      onBytes(bytes, all);
    });
    await file.sync();
  } catch (error) {
    signal.throwIfAborted();
    throw Fault.is(error) ? error : brokenOff(url, error);
  } finally {
    clearTimeout(late);
    await file.close();
    if ((await sizeOnDisk(part)) === 0) await rm(part, { force: true });
  }
}

async function pour(
  response: Response,
  file: FileHandle,
  start: number,
  onPiece: (bytes: number, piece: Uint8Array) => void,
): Promise<void> {
  let bytes = start;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    onPiece(bytes, piece);
    await file.write(piece);
  }
}

async function verify(part: string, { sha256, url }: Wanted): Promise<Downloaded> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(part, { highWaterMark: 1024 * 1024 })) {
    hash.update(piece as Buffer);
    bytes += (piece as Buffer).length;
  }
  const found = hash.digest('hex');
  if (sha256 === undefined || found === sha256) return { bytes, sha256: found };
  await rm(part, { force: true });
  throw new Fault(
    'MODEL_CHECKSUM_WRONG',
    `What came from ${hostOf(url)} has the checksum ${found} and not ${sha256}; it was removed.`,
  );
}

async function ask(
  url: string,
  init: RequestInit,
  signal: AbortSignal,
  borne: ReadonlySet<number> = new Set([WHOLE]),
): Promise<Response> {
  const response = await fetch(url, { ...init, signal }).catch((error: unknown) => {
    throw brokenOff(url, error);
  });
  if (response.ok || borne.has(response.status)) return response;
  throw new Fault('MODEL_DOWNLOAD_FAILED', `${hostOf(url)} answered with ${response.status}.`);
}

async function assertRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes + SPARE_BYTES) return;
  throw new Fault('DISK_FULL', `The file needs ${bytes} bytes, and the disk has ${bavail * bsize} left.`);
}

function brokenOff(url: string, cause: unknown): Fault {
  return new Fault('MODEL_DOWNLOAD_FAILED', `The download from ${hostOf(url)} broke off.`, { cause });
}

async function sizeOnDisk(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the address';
}
