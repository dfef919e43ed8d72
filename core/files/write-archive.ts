import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { BLOCK, encodeHeader, padding } from './tar-header.ts';

/** A file on its way into an archive. */
export interface Packed {
  /** Relative, with `/` between names. */
  readonly path: string;
  readonly bytes: number;
  readonly mode?: number;
  readonly modifiedMs?: number;
  /** Exactly `bytes` bytes; anything else ends the archive with an error. */
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

/** A tar archive of these files, in their order, gzipped; nothing but a few blocks is held in memory. The same files make the same bytes. */
export function packArchive(files: Iterable<Packed> | AsyncIterable<Packed>): Readable {
  const tar = Readable.from(blocksOf(files), { objectMode: false });
  const archive = createGzip();
  tar.once('error', (error) => archive.destroy(error));
  archive.once('close', () => tar.destroy());
  return tar.pipe(archive);
}

async function* blocksOf(files: Iterable<Packed> | AsyncIterable<Packed>): AsyncGenerator<Uint8Array> {
  for await (const { path, bytes, mode = 0o644, modifiedMs = 0, content } of files) {
    yield encodeHeader({ name: path, type: '0', bytes, mode, modifiedMs });
    let written = 0;
    for await (const piece of content instanceof Uint8Array ? [content] : content) {
      written += piece.length;
      if (piece.length > 0) yield piece;
    }
    if (written !== bytes) throw new Error(`${path} has ${written} bytes; ${bytes} were announced.`);
    if (bytes % BLOCK > 0) yield padding(bytes);
  }
  yield Buffer.alloc(2 * BLOCK);
}
