import { mkdir, open, readdir, realpath, rename, rm, stat, unlink } from 'node:fs/promises';
import { constants, type Stats } from 'node:fs';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import type { FileName, Files, FileStat } from './files.ts';
import { storePath, TEMPORARY_SUFFIX } from './store-path.ts';

/** The store on a disk. Writes go to a temporary name, are synced and renamed; then the folder is synced. */
export function createDiskFiles(root: string): Files {
  const base = path.resolve(root);
  const realBase = realpath(base).catch(() => base);

  /** The place on disk and what it really is, links followed: what leaves the root through one is refused. */
  const resolve = async (given: string): Promise<{ full: string; real: string; exists: boolean }> => {
    const full = path.join(base, storePath(given));
    const { real, exists } = await nearestReal(full);
    const inside = await realBase;
    if (real === inside || real.startsWith(inside + path.sep)) return { full, real, exists };
    // A root that does not exist yet has no real path to compare with.
    if (!exists && inside.startsWith(real + path.sep)) return { full, real, exists };
    throw new Fault('PATH_REFUSED', `"${given}" leads out of its folder through a link.`);
  };
  const place = async (given: string): Promise<string> => (await resolve(given)).full;

  return {
    async list(folder) {
      const entries = await orUndefined(readdir(await place(folder), { withFileTypes: true }));
      const names = (entries ?? [])
        .filter((entry) => !entry.name.endsWith(TEMPORARY_SUFFIX))
        .map((entry): FileName => ({ name: entry.name, kind: entry.isDirectory() ? 'folder' : 'file' }));
      return names.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async stat(file) {
      const found = await orUndefined(stat(await place(file)));
      return found && describe(found);
    },
    async read(file) {
      // What was resolved is what is opened: a link that is put there in between is not followed.
      const { real, exists } = await resolve(file);
      return exists ? orUndefined(readPlainFile(real)) : undefined;
    },
    async write(file, content) {
      await writeAtomically(await place(file), content);
    },
    async remove(file) {
      if (storePath(file) === '') throw new Fault('PATH_REFUSED', 'The root of a store cannot be removed.');
      const full = await place(file);
      await rm(full, { recursive: true, force: true });
      await orUndefined(syncFolder(path.dirname(full)));
    },
  };
}

/** Reads a file that is one: a pipe would hold its reader for ever, a device would never end. */
async function readPlainFile(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    if (!(await handle.stat()).isFile()) throw new Fault('FILE_INVALID', `${path.basename(file)} is no plain file.`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Writes a whole file so that a crash at any instant leaves the old or the new one. Makes the folders above it. */
export async function writeAtomically(file: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${file}.${createId()}${TEMPORARY_SUFFIX}`;
  try {
    const handle = await openMakingFolders(temporary, mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw Fault.from(error);
  }
  await syncFolder(path.dirname(file));
}

/** Makes a folder and syncs every folder above it that is new, so that the whole chain survives a power cut. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) await syncFolder(path.dirname(made));
}

/** Makes the names in a folder durable. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openMakingFolders(file: string, mode: number): ReturnType<typeof open> {
  try {
    return await open(file, 'wx', mode);
  } catch (error) {
    if (!isMissingFile(error)) throw error;
    await makeFolder(path.dirname(file));
    return open(file, 'wx', mode);
  }
}

/** The real path of the longest part of a path that exists, and whether that is all of it. */
async function nearestReal(full: string): Promise<{ real: string; exists: boolean }> {
  for (let at = full; ; at = path.dirname(at)) {
    try {
      return { real: await realpath(at), exists: at === full };
    } catch (error) {
      if (!isMissingFile(error) || at === path.dirname(at)) throw Fault.from(error);
    }
  }
}

function describe(found: Stats): FileStat {
  return {
    kind: found.isDirectory() ? 'folder' : 'file',
    size: found.size,
    modifiedMs: found.mtimeMs,
    changedMs: found.ctimeMs,
    inode: found.ino,
  };
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw Fault.from(error);
  }
}

/** Whether an error of the system says that there is no such file. */
export function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
