import type { Clone } from './git-client.ts';

/** A file of a tree as git stores it, however wrong: the path in bytes, the mode, the content (an id for a submodule). */
export interface RawFile {
  readonly path: string | Buffer;
  readonly mode?: '100644' | '100755' | '120000' | '160000';
  readonly content: string | Uint8Array;
}

/** Writes a commit on HEAD with exactly these files, which no honest git would make; gives its id. */
export async function rawCommit(clone: Clone, files: readonly RawFile[], message = 'Crafted'): Promise<string> {
  const placed = files.map((file) => ({ ...file, name: Buffer.from(file.path).toString('latin1') }));
  const tree = await writeTree(clone, placed);
  const ran = await clone.try(['commit-tree', tree, '-p', 'HEAD', '-m', message]);
  return done(ran);
}

type Placed = RawFile & { readonly name: string };

/** Names are bytes, written as latin1. */
async function writeTree(clone: Clone, files: readonly Placed[]): Promise<string> {
  const entries: { name: string; mode: string; id: string }[] = [];
  const folders = new Map<string, Placed[]>();
  for (const file of files) {
    const at = file.name.indexOf('/');
    if (at < 0) entries.push({ name: file.name, mode: file.mode ?? '100644', id: await writeBlob(clone, file) });
    else {
      const inner = { ...file, name: file.name.slice(at + 1) };
      folders.set(file.name.slice(0, at), [...(folders.get(file.name.slice(0, at)) ?? []), inner]);
    }
  }
  for (const [name, inner] of folders) entries.push({ name, mode: '40000', id: await writeTree(clone, inner) });
  const key = ({ name, mode }: { name: string; mode: string }): Buffer =>
    Buffer.from(mode === '40000' ? `${name}/` : name, 'latin1');
  const sorted = entries.toSorted((a, b) => Buffer.compare(key(a), key(b)));
  const raw = Buffer.concat(
    sorted.flatMap(({ name, mode, id }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(id, 'hex')]),
  );
  return done(await clone.try(['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], { input: raw }));
}

async function writeBlob(clone: Clone, { mode, content }: Placed): Promise<string> {
  if (mode === '160000') return Buffer.from(content).toString();
  return done(await clone.try(['hash-object', '-w', '--stdin'], { input: content }));
}

function done(ran: { code: number | null; stdout: string; stderr: string }): string {
  if (ran.code !== 0) throw new Error(`git ended with ${ran.code}: ${ran.stderr}`);
  return ran.stdout.trim();
}
