import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Clone } from './git-client.ts';

/** A file of a tree as git stores it, however wrong: the path in bytes, the mode, the content (an id for a submodule). */
export interface RawFile {
  readonly path: string | Uint8Array;
  readonly mode?: '100644' | '100755' | '120000' | '160000';
  readonly content: string | Uint8Array;
}

/** Writes a commit on HEAD with exactly these files, which no honest git would make; gives its id. */
export async function rawCommit(clone: Clone, files: readonly RawFile[]): Promise<string> {
  const placed = files.map((file) => ({ ...file, name: Buffer.from(file.path as string).toString('latin1') }));
  const head = await clone.git('rev-parse', 'HEAD');
  const who = 'Petra Pusher <petra@example.org> 1700000000 +0000';
  const lines = [`tree ${await writeTree(clone, placed)}`, `parent ${head}`, `author ${who}`, `committer ${who}`];
  return writeObject(clone, 'commit', Buffer.from(`${lines.join('\n')}\n\nCrafted\n`));
}

type Placed = RawFile & { readonly name: string };

/** Names are bytes, written as latin1. */
async function writeTree(clone: Clone, files: readonly Placed[]): Promise<string> {
  const entries: { name: string; mode: string; id: string }[] = [];
  const folders = new Map<string, Placed[]>();
  for (const file of files) {
    const at = file.name.indexOf('/');
    const top = at < 0 ? file.name : file.name.slice(0, at);
    if (at >= 0) folders.set(top, [...(folders.get(top) ?? []), { ...file, name: file.name.slice(at + 1) }]);
    else entries.push({ name: top, mode: file.mode ?? '100644', id: await writeBlob(clone, file) });
  }
  for (const [name, inner] of folders) entries.push({ name, mode: '40000', id: await writeTree(clone, inner) });
  const sorted = entries.toSorted((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
  const raw = sorted.flatMap(({ name, mode, id }) => [
    Buffer.from(`${mode} ${name}\0`, 'latin1'),
    Buffer.from(id, 'hex'),
  ]);
  return writeObject(clone, 'tree', Buffer.concat(raw));
}

function sortKey({ name, mode }: { name: string; mode: string }): Buffer {
  return Buffer.from(mode === '40000' ? `${name}/` : name, 'latin1');
}

async function writeBlob(clone: Clone, { mode, content }: Placed): Promise<string> {
  const bytes = Buffer.from(content as string);
  return mode === '160000' ? bytes.toString() : writeObject(clone, 'blob', bytes);
}

async function writeObject(clone: Clone, kind: string, content: Buffer): Promise<string> {
  const whole = Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]);
  const id = createHash('sha1').update(whole).digest('hex');
  const folder = path.join(clone.files.path, '.git/objects', id.slice(0, 2));
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, id.slice(2)), deflateSync(whole));
  return id;
}
