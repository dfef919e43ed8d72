import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createId, Fault, type Home, type RouteCall } from 'boternity';
import { bytesOf, type StorageConfig } from './config.ts';
import { decode } from './extract/decode.ts';
import type { DocumentReader } from './extract/reader.ts';
import { fileName } from './names.ts';
import { assertType, typeOf } from './types.ts';

/** A file that a request brought; whoever takes it moves it away. */
export interface Received {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a document says. */
export interface DocumentText {
  readonly text: string;
  /** none: a kind of file that holds no text. partial: there is more than was read. */
  readonly state: 'ready' | 'partial' | 'failed' | 'none';
  /** Why there is nothing, or not all of it. */
  readonly problem?: string;
}

/** The service `documents`: how this house takes files of people, reads them and sends them, wherever they are kept. */
export interface Documents {
  /** Throws STORAGE_NAME_REFUSED, and STORAGE_TOO_LARGE where so many bytes are announced. Gives the name as it is kept. */
  admit(name: string, bytes: number): string;
  /** Takes the body of a request as a file of this name. Throws STORAGE_TOO_LARGE and STORAGE_TYPE_WRONG. */
  receive(name: string, body: IncomingMessage): Promise<Received>;
  /** The media type that a name says. */
  mediaOf(name: string): string;
  /** The text of a file, read in a process of its own. Rejects where the file is gone. */
  read(file: string, name: string): Promise<DocumentText>;
  /** Sends a file, always as an attachment: nothing that somebody uploaded runs in the page of this server. */
  send(call: Pick<RouteCall, 'request' | 'response'>, at: SentFile): Promise<void>;
}

export interface SentFile {
  readonly file: string;
  readonly name: string;
  readonly headers?: Readonly<Record<string, string | number>>;
}

/** Characters of a document that are given. */
const LONGEST_TEXT = 200_000;
/** Files that are text themselves, whose lines and blanks matter. */
const asItStands: ReadonlySet<string> = new Set(['plain', 'markdown', 'csv', 'json', 'json-lines']);

interface Parts {
  readonly home: Home;
  readonly config: StorageConfig;
  readonly reader: DocumentReader;
}

/** Types that a browser shows without running anything; everything else is only bytes to it. */
const HARMLESS =
  /^(application\/pdf|text\/(plain|csv|markdown|tab-separated-values)|image\/(png|jpeg|gif|webp)|audio\/|application\/(json|zip|gzip|x-ndjson|vnd\.))/;

export function documentsOf({ home, config, reader }: Parts): Documents {
  const most = bytesOf(config.fileMegabytes);
  return {
    admit(given, bytes) {
      const name = fileName(given);
      if (bytes > most) throw new Fault('STORAGE_TOO_LARGE', `"${name}" is larger than ${config.fileMegabytes} MB.`);
      return name;
    },
    async receive(name, body) {
      const received = await stage(home, config, body);
      try {
        await assertType(name, received.file);
        return received;
      } catch (error) {
        await rm(received.file, { force: true });
        throw error;
      }
    },
    mediaOf: (name) => typeOf(name).media,
    async read(file, name) {
      const kind = typeOf(name).text;
      if (kind === undefined) return { text: '', state: 'none' };
      if (asItStands.has(kind)) return beginningOf(file);
      const { state, parts, problem } = await reader.read(file, kind);
      const text = parts.map((part) => part.text).join('\n\n');
      const isLong = text.length > LONGEST_TEXT;
      const cut = { text: isLong ? text.slice(0, LONGEST_TEXT) : text, state: isLong ? ('partial' as const) : state };
      return { ...cut, ...(problem !== undefined && { problem }) };
    },
    send: sendFile,
  };
}

async function beginningOf(file: string): Promise<DocumentText> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(Math.min(size, LONGEST_TEXT)),
      0,
      Math.min(size, LONGEST_TEXT),
      0,
    );
    const isCut = size > bytesRead;
    const text = decode(isCut ? wholeLetters(buffer.subarray(0, bytesRead)) : buffer.subarray(0, bytesRead));
    return { text, state: isCut ? 'partial' : 'ready' };
  } finally {
    await handle.close();
  }
}

/** Without a letter of UTF-8 that was cut at the end. */
function wholeLetters(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && end > bytes.length - 4 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end > 0 && (bytes[end - 1] ?? 0) >= 0xc0 ? bytes.subarray(0, end - 1) : bytes;
}

/** Keeps what comes until it is looked at; no more of it than a file may have. */
export async function stage(home: Home, config: StorageConfig, body: IncomingMessage): Promise<Received> {
  const folder = path.join(home.path, '.boternity', 'staging');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, createId());
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > bytesOf(config.fileMegabytes))
        throw new Fault('STORAGE_TOO_LARGE', `A file may have ${config.fileMegabytes} MB.`);
      hash.update(piece);
      await handle.writeFile(piece);
    }
    await handle.close();
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(file, { force: true });
    throw Fault.from(error);
  }
  return { file, bytes, sha256: hash.digest('hex') };
}

/** As `Documents.send` says. */
export async function sendFile(
  { request, response }: Pick<RouteCall, 'request' | 'response'>,
  { file, name, headers }: SentFile,
): Promise<void> {
  const { media } = typeOf(name);
  const content = await open(file, 'r').catch((error: unknown) => {
    throw Fault.from(error);
  });
  const { size } = await content.stat();
  response.writeHead(200, {
    'content-type': HARMLESS.test(media) ? media : 'application/octet-stream',
    'content-length': size,
    'content-disposition': dispositionOf(name),
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...headers,
  });
  if (request.method === 'HEAD') {
    await content.close();
    response.end();
  } else await pipeline(content.createReadStream(), response).catch(() => response.destroy());
}

/** The name in plain letters for old programs, and as it is (RFC 6266). */
function dispositionOf(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
