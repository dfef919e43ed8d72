import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripTypes } from './strip.ts';

/** A file as a browser gets it. */
export interface ServedFile {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
  /** Its name changes with its content: it may be kept for ever. */
  readonly isImmutable?: boolean;
  /** The same, compressed beforehand. */
  readonly encoded?: { readonly br?: Buffer; readonly gzip?: Buffer };
}

/** A folder whose files may be read from a browser; nothing outside of it ever is, by `..`, by encoding or by links. */
export interface Folder {
  /** The file at an encoded path below the folder; undefined when there is none that may be served. */
  read(encoded: string): Promise<ServedFile | undefined>;
}

const types: Readonly<Record<string, string>> = {
  '.ts': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
};

/** Files of a folder, TypeScript among them stripped of its types. `allowed` narrows the paths. Files are read again when they change. */
export function createFolder(folder: URL, allowed = /./): Folder {
  const cache = new Map<string, { readonly stamp: string; readonly file: ServedFile }>();
  const root = fileURLToPath(folder);

  return {
    async read(encoded) {
      const relative = safePath(encoded);
      const type = types[path.extname(relative ?? '')];
      if (relative === undefined || type === undefined || !allowed.test(relative)) return undefined;
      const full = await insideOf(root, relative);
      const found = full === undefined ? undefined : await stat(full);
      if (full === undefined || !found?.isFile()) return undefined;
      const stamp = `${found.mtimeMs} ${found.size} ${found.ino}`;
      const known = cache.get(full);
      if (known?.stamp === stamp) return known.file;
      const body = render(relative, await readFile(full));
      const file = { type, body, etag: etagOf(body) };
      cache.set(full, { stamp, file });
      return file;
    },
  };
}

/** A strong entity tag. */
export function etagOf(body: Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
}

/** Plain names joined by single slashes; undefined for whatever could mean another place, hidden files included. */
function safePath(encoded: string): string | undefined {
  try {
    const decoded = decodeURIComponent(encoded);
    const isPlain = decoded.split('/').every((part) => /^[\w@][\w@.+ -]*$/.test(part));
    return isPlain ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** The real path of a file, when it and every link on the way stay inside of the root. */
async function insideOf(root: string, relative: string): Promise<string | undefined> {
  try {
    const [base, real] = await Promise.all([realpath(root), realpath(path.join(root, relative))]);
    return real.startsWith(base + path.sep) ? real : undefined;
  } catch {
    return undefined;
  }
}

function render(name: string, source: Buffer): Buffer {
  return name.endsWith('.ts') ? Buffer.from(stripTypes(source.toString(), name)) : source;
}
