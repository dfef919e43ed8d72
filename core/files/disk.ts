import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../base/fault.ts';
import { diskFault } from './disk-fault.ts';
import type { FileName, Files, FileStat } from './files.ts';
import { openDurableFolder, openPlain } from './folders.ts';
import { removeEntry } from './remove-entry.ts';
import { nearestReal, readPlainFile, replaceFile } from './replace-file.ts';
import { createSlots } from './slots.ts';
import { storePath, TEMPORARY_SUFFIX } from './store-path.ts';
import { isMissingFile, isSystemError, systemCalls, type Facts, type SystemCalls } from './system-calls.ts';

/** Works of all stores of this process that are under way at once; each has up to three files open. */
const atOnce = createSlots(128);
/** How often a path is looked up again when what it leads to was replaced in between. */
const LOOK_AGAIN = 5;
/** Waits before the next try when too many files are open, in milliseconds. */
const WAITS_MS = [5, 20, 80];

/** The store on a disk. Writes go to a temporary name, are synced and renamed; then the folder is synced. */
export function createDiskFiles(root: string, calls: SystemCalls = systemCalls): Files {
  const base = path.resolve(root);
  let known: string | undefined;

  /** The real path of the root; the nearest that can be said of one that does not exist yet. */
  const realBase = async (): Promise<string> => {
    if (known !== undefined) return known;
    const { real, exists } = await nearestReal(calls, base);
    if (exists) known = real;
    return real;
  };

  /** What a path really is, links followed: what leaves the root through one is refused. */
  const resolve = async (given: string): Promise<{ real: string; exists: boolean }> => {
    const found = await nearestReal(calls, path.join(base, storePath(given)));
    const inside = await realBase();
    if (found.real === inside || found.real.startsWith(inside + path.sep)) return found;
    throw new Fault('PATH_REFUSED', `"${given}" leads out of its folder through a link.`);
  };

  /** The folder a name stands in, as a real path. A link in the last place is not followed, but refused when it leads out. */
  const resolveName = async (given: string): Promise<{ folder: string; name: string }> => {
    const parts = storePath(given).split('/');
    const name = parts.pop() ?? '';
    const { real: folder, exists } = await resolve(parts.join('/'));
    const found = exists ? await calls.lstat(path.join(folder, name)).catch(undefinedIfMissing) : undefined;
    if (found?.isSymbolicLink()) await resolve(given);
    return { folder, name };
  };

  /** Runs one call in turn; tries again what only came at a bad moment; tells errors as faults. */
  const inTurn = <T>(doing: Doing, given: string, work: () => Promise<T>): Promise<T> =>
    atOnce(async () => {
      for (let again = 0; ; again += 1) {
        try {
          return await work();
        } catch (error) {
          if (!(await mayTryAgain(error, doing, again))) throw diskFault(error, doing, given);
        }
      }
    });

  return {
    list: (folder) =>
      inTurn('listed', folder, async () => {
        const { real, exists } = await resolve(folder);
        return exists ? listNames(calls, real) : [];
      }),
    stat: (file) =>
      inTurn('read', file, async () => {
        const { real, exists } = await resolve(file);
        const found = exists ? await calls.lstat(real).catch(undefinedIfMissing) : undefined;
        return found && describe(found);
      }),
    read: (file) =>
      inTurn('read', file, async () => {
        const { real, exists } = await resolve(file);
        return exists ? readReal(calls, real).catch(undefinedIfMissing) : undefined;
      }),
    write: (file, content) =>
      inTurn('written', file, async () => {
        if (storePath(file) === '')
          throw new Fault('FILE_INVALID', 'The root of a store is a folder and cannot be written.');
        const { folder, name } = await resolveName(file);
        await replaceFile(calls, folder, name, content, 0o644);
      }),
    remove: (file) =>
      inTurn('removed', file, async () => {
        if (storePath(file) === '') throw new Fault('PATH_REFUSED', 'The root of a store cannot be removed.');
        const { folder, name } = await resolveName(file);
        await removeEntry(calls, folder, name).catch(undefinedIfMissing);
      }),
  };
}

/** Whether something on the way was moved meanwhile, or others may close their files soon. */
async function mayTryAgain(error: unknown, doing: Doing, again: number): Promise<boolean> {
  if (isSystemError(error, 'ESTALE')) return again < LOOK_AGAIN;
  if (isSystemError(error, 'ENOENT')) return doing === 'written' && again < LOOK_AGAIN;
  const wait = isSystemError(error, 'EMFILE', 'ENFILE') ? WAITS_MS[again] : undefined;
  if (wait !== undefined) await sleep(wait);
  return wait !== undefined;
}

type Doing = Parameters<typeof diskFault>[1];

/** Makes a folder and sees to it that it survives a power cut, with the whole chain above it. */
export async function makeFolder(folder: string, calls: SystemCalls = systemCalls): Promise<void> {
  const { real } = await nearestReal(calls, path.resolve(folder));
  await (await openDurableFolder(calls, real)).close();
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string, calls: SystemCalls = systemCalls): Promise<void> {
  const handle = await calls.openFolder(await calls.realpath(folder));
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function listNames(calls: SystemCalls, folder: string): Promise<FileName[]> {
  const found = await openPlain(calls, folder).catch(undefinedIfMissing);
  if (!found) return [];
  try {
    const names = (await calls.readdir(found.path))
      .filter((entry) => !entry.name.endsWith(TEMPORARY_SUFFIX))
      .map((entry): FileName => ({ name: entry.name, kind: entry.isDirectory() ? 'folder' : 'file' }));
    return names.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    await found.close();
  }
}

async function readReal(calls: SystemCalls, real: string): Promise<Buffer> {
  return readPlainFile(real, calls, (place) => {
    // A folder on the way may have become a link since it was looked up. A file that was replaced meanwhile is still ours.
    if (place !== undefined && place !== real && place !== `${real} (deleted)`) throw moved();
  });
}

function moved(): Error {
  return Object.assign(new Error('ESTALE: the file was moved'), { code: 'ESTALE' });
}

function describe(found: Facts): FileStat {
  return {
    kind: found.isDirectory() ? 'folder' : 'file',
    size: found.size,
    modifiedMs: found.mtimeMs,
    changedMs: found.ctimeMs,
    inode: found.ino,
  };
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissingFile(error)) throw error;
}
