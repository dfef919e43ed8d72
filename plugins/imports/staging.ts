import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { createId, Fault, isId, readArchive, type ArchiveEntry, type ArchiveLimits } from 'boternity';
import type { ImportSource, Left, SourceFile } from './format.ts';
import { LEFT_FILE } from './left-file.ts';

/** What an import may have. A bot is text; more is a mistake or an attack. */
const limits: ArchiveLimits = {
  archiveBytes: 128 * 1024 * 1024,
  bytes: 256 * 1024 * 1024,
  fileBytes: 16 * 1024 * 1024,
  entries: 10_000,
  ratio: 200,
};

/** A place for what came in and is not looked at yet. Nothing in it has a name that came from outside. */
export class Staging {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Begins empty: what a stop left behind is of no use. */
  static async open(home: string): Promise<Staging> {
    const folder = path.join(home, '.boternity', 'staging', 'imports');
    await rm(folder, { recursive: true, force: true });
    return new Staging(folder);
  }

  /** Keeps what comes, up to the limit. */
  async receive(body: AsyncIterable<Uint8Array>): Promise<{ id: string; bytes: number; sha256: string }> {
    const id = createId();
    const hash = createHash('sha256');
    let bytes = 0;
    await mkdir(this.#folder, { recursive: true });
    const file = await open(this.#archive(id), 'wx', 0o600);
    try {
      for await (const piece of body) {
        bytes += piece.length;
        if (bytes > limits.archiveBytes)
          throw new Fault('BODY_TOO_LARGE', `An upload may have ${limits.archiveBytes / 1024 / 1024} MB.`);
        hash.update(piece);
        await file.writeFile(piece);
      }
    } catch (error) {
      await file.close();
      await this.drop(id);
      throw error;
    }
    await file.close();
    return { id, bytes, sha256: hash.digest('hex') };
  }

  /** Unpacks an upload and takes it as a source. Throws UPLOAD_MISSING, or ARCHIVE_INVALID when it cannot be trusted; then nothing of it stays. */
  async unpack(id: string, name: string): Promise<ImportSource> {
    const folder = path.join(this.#folder, `${id}.files`);
    if (!isId(id)) throw missing(id);
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' || error.code === 'EEXIST' ? missing(id) : error;
    });
    try {
      return await sourceOf(readArchive(createReadStream(this.#archive(id)), limits), folder, name);
    } catch (error) {
      await this.drop(id);
      throw isAbsent(error) ? missing(id) : error;
    } finally {
      await rm(this.#archive(id), { force: true });
    }
  }

  async drop(id: string): Promise<void> {
    await rm(this.#archive(id), { force: true });
    await rm(path.join(this.#folder, `${id}.files`), { recursive: true, force: true });
  }

  #archive(id: string): string {
    return path.join(this.#folder, `${id}.archive`);
  }
}

async function sourceOf(entries: AsyncIterable<ArchiveEntry>, folder: string, name: string): Promise<ImportSource> {
  const files = new Map<string, SourceFile>();
  const places = new Map<string, string>();
  const left: Left[] = [];
  for await (const { path: file, kind, bytes, mode, content } of entries) {
    if (kind === 'link') left.push({ what: file, why: 'links are not followed' });
    if (kind === 'device') left.push({ what: file, why: 'it is a device' });
    if (kind !== 'file') continue;
    const place = path.join(folder, String(files.size));
    const sha256 = await keep(content, place);
    files.set(file, { path: file, bytes, sha256, isExecutable: (mode & 0o111) !== 0 });
    places.set(file, place);
  }
  const noted = files.has(LEFT_FILE) ? notedLeft(await readFile(places.get(LEFT_FILE) ?? '', 'utf8')) : [];
  files.delete(LEFT_FILE);
  return withoutTop({ name, files, left: [...left, ...noted] }, (file) => readFile(places.get(file) ?? ''));
}

async function keep(content: AsyncIterable<Buffer>, place: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(place, 'wx', 0o600);
  try {
    for await (const piece of content) {
      hash.update(piece);
      await handle.writeFile(piece);
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

type Listed = Pick<ImportSource, 'name' | 'files' | 'left'>;

/** An archive of one folder is that folder. */
function withoutTop(listed: Listed, read: (path: string) => Promise<Buffer>): ImportSource {
  const tops = new Set(Array.from(listed.files.keys(), (file) => (file.includes('/') ? file.split('/', 1)[0] : '')));
  const [top = ''] = tops;
  const isWrapped = tops.size === 1 && top !== '';
  const prefix = isWrapped ? `${top}/` : '';
  const files = new Map(
    Array.from(listed.files.values(), (file) => {
      const shorter = file.path.slice(prefix.length);
      return [shorter, { ...file, path: shorter }];
    }),
  );
  const readFrom = async (file: string): Promise<Buffer | undefined> =>
    files.has(file) ? read(prefix + file) : undefined;
  return {
    ...listed,
    files,
    read: readFrom,
    async text(file) {
      const content = await readFrom(file);
      if (!content) return undefined;
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(content);
      } catch {
        return undefined;
      }
    },
  };
}

/** What the packer says that it left out; only words, whatever they say. */
function notedLeft(text: string): Left[] {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return [];
    return value
      .slice(0, 1_000)
      .map((each: Partial<Left>) => ({ what: String(each.what).slice(0, 300), why: String(each.why).slice(0, 300) }));
  } catch {
    return [];
  }
}

function missing(id: string): Fault {
  return new Fault('UPLOAD_MISSING', `There is no upload "${id.slice(0, 60)}".`);
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
