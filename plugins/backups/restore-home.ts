import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { createId, Fault, findOwner, lockHome, makeFolder, syncFolder, type ArchiveEntry } from 'boternity';
import { checkBackup, type CheckedBackup } from './check-backup.ts';
import { whyApart } from './contents.ts';

export interface RestoreOptions {
  readonly file: string;
  readonly home: string;
  /** Puts what is there aside instead of refusing. */
  readonly isForced: boolean;
  readonly onProgress: (files: number, bytes: number) => void;
}

export interface Restored extends CheckedBackup {
  /** Where what was in the home before lies now. */
  readonly before: string | undefined;
}

/** Files whose content is on its way to the disk side by side. */
const SYNC_AT_ONCE = 16;

/**
 * Brings a home back from a backup. The whole backup is unpacked beside and held against its sums first; only then it takes the place
 * of what is there. Throws HOME_LOCKED while a server runs, HOME_NOT_EMPTY unless forced.
 */
export async function restoreHome({ file, home, isForced, onProgress }: RestoreOptions): Promise<Restored> {
  await assertFree(home, isForced);
  await makeFolder(home);
  try {
    return await restoreInto({ file, home, onProgress });
  } catch (error) {
    // A folder that was made for nothing goes away again; one that holds something stays.
    for (const place of ['.boternity/staging', '.boternity', ''])
      await rmdir(path.join(home, place)).catch(() => undefined);
    throw Fault.from(error);
  }
}

async function restoreInto({ file, home, onProgress }: Omit<RestoreOptions, 'isForced'>): Promise<Restored> {
  await using _lock = await lockHome(home);
  const staging = path.join(home, '.boternity', 'staging', createId());
  try {
    const files = new Writer(staging);
    const take = (entry: ArchiveEntry, content: AsyncIterable<Buffer>): Promise<void> => files.write(entry, content);
    const checked = await checkBackup({ open: () => createReadStream(file), take, onProgress });
    await files.finish();
    const before = await putAside(home, checked.head.at);
    await putInPlace(staging, home);
    await syncFolder(home);
    return { ...checked, before };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function assertFree(home: string, isForced: boolean): Promise<void> {
  const owner = await findOwner(home);
  if (owner) throw new Fault('HOME_LOCKED', `A server runs on ${home} (process ${owner.pid}); stop it first.`);
  const names = await readdir(home).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw Fault.from(error);
  });
  if (names.length > 0 && !isForced) throw new Fault('HOME_NOT_EMPTY', `${home} is not empty.`);
}

/** Writes files below a folder that nobody else uses; many are on their way to the disk at once. */
class Writer {
  readonly #folder: string;
  readonly #made = new Set<string>();
  #open: Promise<void>[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write({ path: file, mode }: ArchiveEntry, content: AsyncIterable<Buffer>): Promise<void> {
    if (whyApart(file, true) !== undefined) {
      for await (const _ of content);
      return;
    }
    const place = path.join(this.#folder, file);
    await this.#make(path.dirname(place));
    const handle = await open(place, 'wx', modeFor(mode));
    try {
      for await (const piece of content) await handle.writeFile(piece);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#open.push(toDisk(handle));
    if (this.#open.length >= SYNC_AT_ONCE) await this.finish();
  }

  async finish(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    await Promise.all(open);
  }

  async #make(folder: string): Promise<void> {
    if (this.#made.has(folder)) return;
    await mkdir(folder, { recursive: true });
    // Archives go folder by folder: to remember the last few is enough.
    if (this.#made.size > 1_000) this.#made.clear();
    this.#made.add(folder);
  }
}

async function toDisk(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function modeFor(mode: number): number {
  if ((mode & 0o077) === 0) return (mode & 0o100) === 0 ? 0o600 : 0o700;
  return (mode & 0o111) === 0 ? 0o644 : 0o755;
}

/** The server's own places that belong to this moment stay where they are. */
const staying = new Set(['server.json', 'staging']);

/** Moves everything of the home into `backups/before-…`, and gives that place; undefined when there was nothing. */
async function putAside(home: string, at: string): Promise<string | undefined> {
  const place = path.join(
    home,
    'backups',
    `before-restore-of-${at.replaceAll(/[:.]/g, '-')}-${createId().slice(0, 8)}`,
  );
  const tops = (await readdir(home)).filter((name) => name !== '.boternity' && name !== 'backups');
  const own = (await readdir(path.join(home, '.boternity'))).filter((name) => !staying.has(name));
  if (tops.length + own.length === 0) return undefined;
  await makeFolder(path.join(place, '.boternity'));
  for (const name of tops) await rename(path.join(home, name), path.join(place, name));
  for (const name of own) await rename(path.join(home, '.boternity', name), path.join(place, '.boternity', name));
  await syncFolder(place);
  return place;
}

async function putInPlace(staging: string, home: string): Promise<void> {
  const own = path.join(staging, '.boternity');
  for (const name of await readdir(own).catch(() => []))
    await rename(path.join(own, name), path.join(home, '.boternity', name));
  for (const name of await readdir(staging))
    if (name !== '.boternity') await rename(path.join(staging, name), path.join(home, name));
  await syncFolder(path.join(home, '.boternity'));
}
