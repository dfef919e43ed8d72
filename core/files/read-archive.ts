import { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { ArchiveNames, archivePath } from './archive-path.ts';
import { BLOCK, decodeHeader, decodePax, decodeText, invalid, type TarHeader } from './tar-header.ts';

export interface ArchiveLimits {
  /** Of the archive as it comes. */
  readonly archiveBytes: number;
  /** Of everything in it, unpacked. */
  readonly bytes: number;
  readonly fileBytes: number;
  readonly entries: number;
  /** How many times its own size it may unpack to, above the first megabyte. */
  readonly ratio: number;
}

/** No limits but the disk's: for archives that a person made and names. */
export const noLimits: ArchiveLimits = {
  archiveBytes: Number.MAX_SAFE_INTEGER,
  bytes: Number.MAX_SAFE_INTEGER,
  fileBytes: Number.MAX_SAFE_INTEGER,
  entries: Number.MAX_SAFE_INTEGER,
  ratio: Number.MAX_SAFE_INTEGER,
};

export interface ArchiveEntry {
  /** Checked: relative, no step up, no name twice. */
  readonly path: string;
  /** Links and devices have no content and are never made. */
  readonly kind: 'file' | 'folder' | 'link' | 'device';
  readonly bytes: number;
  readonly mode: number;
  readonly modifiedMs: number;
  /** What is not read of it is skipped. */
  readonly content: AsyncIterable<Buffer>;
}

/** Longest extended header and longest name of the GNU form, in bytes. */
const MAX_EXTRA = 64 * 1024;
const FREE_BYTES = 1024 * 1024;

/**
 * The entries of a tar archive, plain or gzipped, as they come. Nothing in it is believed: what is damaged, cut off, too large, too many, named
 * twice, leads elsewhere or stands behind its end throws ARCHIVE_INVALID with the reason. A consumer that stops early closes the source.
 */
export async function* readArchive(
  source: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits,
): AsyncGenerator<ArchiveEntry> {
  const bytes = new ByteReader(unpacked(source, limits));
  const names = new ArchiveNames();
  let entries = 0;
  try {
    for await (const header of headersOf(bytes)) {
      entries += 1;
      if (entries > limits.entries) throw invalid(`holds more than ${limits.entries} entries`);
      const kind = kindOf(header);
      const path = archivePath(header.name);
      if (header.bytes > limits.fileBytes)
        throw invalid(`holds "${path}" with ${header.bytes} bytes; a file may have ${limits.fileBytes}`);
      if (path === '' && kind !== 'folder') throw invalid('holds an entry without a name');
      if (path !== '') names.add(path, kind === 'folder' ? 'folder' : 'file');
      const content = bytes.pieces(header.bytes);
      const { mode, modifiedMs } = header;
      if (path !== '') yield { path, kind, bytes: header.bytes, mode, modifiedMs, content };
      for await (const _ of content);
      await bytes.skip((BLOCK - (header.bytes % BLOCK)) % BLOCK);
    }
    await bytes.expectZeros();
  } finally {
    await bytes.close();
  }
}

function kindOf({ type, name, bytes }: TarHeader): ArchiveEntry['kind'] {
  if (type === '5' || ((type === '0' || type === '7') && name.endsWith('/') && bytes === 0)) return 'folder';
  if (type === '0' || type === '7') return 'file';
  if (bytes > 0) throw invalid(`holds "${name}", an entry of a kind that is not known here`);
  if (type === '1' || type === '2') return 'link';
  if (type === '3' || type === '4' || type === '6') return 'device';
  throw invalid(`holds "${name}", an entry of a kind that is not known here`);
}

/** Headers of entries, with what the extended headers before them say. */
async function* headersOf(bytes: ByteReader): AsyncGenerator<TarHeader> {
  let extra: Partial<TarHeader>[] = [];
  for (;;) {
    const header = decodeHeader(await bytes.take(BLOCK));
    if (!header) break;
    if (!'xgLK'.includes(header.type)) {
      yield Object.assign({}, header, ...extra) as TarHeader;
      extra = [];
      continue;
    }
    extra.push(await extraOf(header, bytes));
    if (extra.length > 3) throw invalid('has one extended header after the other');
  }
  if (decodeHeader(await bytes.take(BLOCK))) throw invalid('goes on after its end');
}

async function extraOf({ type, bytes: length }: TarHeader, bytes: ByteReader): Promise<Partial<TarHeader>> {
  if (length > MAX_EXTRA) throw invalid('has an extended header that is too long');
  const body = Buffer.from(await bytes.take(length));
  await bytes.skip((BLOCK - (length % BLOCK)) % BLOCK);
  if (type === 'L') return { name: decodeText(body.subarray(0, body.indexOf(0) < 0 ? length : body.indexOf(0))) };
  if (type !== 'x') return {};
  const records = decodePax(body);
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse')))
    throw invalid('holds a file with holes, which is not read here');
  const size = records.get('size');
  if (size !== undefined && !(/^\d{1,15}$/.test(size) && Number.isSafeInteger(Number(size))))
    throw invalid('has a number that cannot be read');
  const name = records.get('path');
  return { ...(name !== undefined && { name }), ...(size !== undefined && { bytes: Number(size) }) };
}

/** What the archive unpacks to, watched: never more than the limits allow, nothing behind the end of the compressed data. */
async function* unpacked(source: AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<Buffer> {
  let read = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      read += piece.length;
      if (read > limits.archiveBytes) throw invalid(`is larger than ${limits.archiveBytes} bytes`);
      yield piece;
    }
  };
  const input = counted();
  let first: Buffer = Buffer.alloc(0);
  while (first.length < 2) {
    const next = await input.next();
    if (next.done) break;
    first = Buffer.concat([first, next.value]);
  }
  if (first.length === 0) throw invalid('is empty');
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  const whole = rejoined(first, input);
  const gunzip = isGzip ? gunzipOf(whole) : undefined;
  let written = 0;
  try {
    for await (const piece of (gunzip ?? whole) as AsyncIterable<Uint8Array>) {
      written += piece.length;
      if (written > limits.bytes) throw invalid(`unpacks to more than ${limits.bytes} bytes`);
      if (written > FREE_BYTES && written > read * limits.ratio)
        throw invalid(`unpacks to more than ${limits.ratio} times its size`);
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    }
  } catch (error) {
    throw gzipFault(error);
  } finally {
    gunzip?.destroy();
    await input.return(undefined);
  }
  if (gunzip && gunzip.bytesWritten !== read) throw invalid('holds something behind its end');
}

async function* rejoined(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

function gunzipOf(source: AsyncIterable<Uint8Array>): Gunzip {
  const input = Readable.from(source, { objectMode: false });
  const gunzip = createGunzip();
  input.once('error', (error) => gunzip.destroy(error));
  gunzip.once('close', () => input.destroy());
  return input.pipe(gunzip);
}

function gzipFault(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return invalid('ends in the middle');
  return code.startsWith('Z_') ? invalid('is damaged: it cannot be unpacked') : error;
}

/** Bytes of a stream by their number. */
class ByteReader {
  readonly #source: AsyncGenerator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncGenerator<Buffer>) {
    this.#source = source;
  }

  async take(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(length)) pieces.push(piece);
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.pieces(length));
  }

  /** The next bytes as they come. A second walk goes on where the first one stopped. */
  pieces(length: number): AsyncIterable<Buffer> {
    let left = length;
    const next = async (): Promise<IteratorResult<Buffer, undefined>> => {
      if (left === 0) return { done: true, value: undefined };
      if (this.#rest.length === 0 && !(await this.#fill())) throw invalid('ends in the middle');
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      return { done: false, value: piece };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  /** Reads to the end; only zeros may stand there. */
  async expectZeros(): Promise<void> {
    do {
      if (this.#rest.some((byte) => byte !== 0)) throw invalid('holds something behind its end');
    } while (await this.#fill());
  }

  async close(): Promise<void> {
    await this.#source.return(undefined);
  }

  async #fill(): Promise<boolean> {
    do {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#rest = next.value;
    } while (this.#rest.length === 0);
    return true;
  }
}
