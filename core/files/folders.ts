import path from 'node:path';
import { isMissingFile, isSystemError, type OpenFolder, type SystemCalls } from './system-calls.ts';

/** Above this number of folders known to be durable the knowledge starts anew. */
const MOST_KNOWN = 20_000;

/** Folders whose name in the folder above is on disk, by the calls they were made with. */
const durable = new WeakMap<SystemCalls, Set<string>>();

/**
 * Opens a folder, which is made when it is missing, and sees to it that its name is durable in every folder above. `folder` is
 * a real path: no links in it.
 */
export async function openDurableFolder(calls: SystemCalls, folder: string): Promise<OpenFolder> {
  const known = knownOf(calls);
  if (known.has(folder) || folder === path.dirname(folder)) {
    const opened = await openKnown(calls, folder);
    if (opened) return opened;
  }
  // That it exists proves nothing: another write may have made it a moment ago and not have synced the folder above yet.
  await makeIn(calls, folder);
  const opened = await openPlain(calls, folder);
  if (known.size >= MOST_KNOWN) known.clear();
  known.add(folder);
  return opened;
}

/** Forgets what was known of a folder and of everything below it, because it was removed or moved. */
export function forgetFolder(calls: SystemCalls, folder: string): void {
  const known = knownOf(calls);
  for (const each of known) if (each === folder || each.startsWith(folder + path.sep)) known.delete(each);
}

/** Opens a folder by its real path. Rejects with ESTALE when a link or another folder has taken its place meanwhile. */
export async function openPlain(calls: SystemCalls, folder: string): Promise<OpenFolder> {
  const opened = await calls.openFolder(folder);
  const place = await opened.place();
  if (place === undefined || place === folder) return opened;
  await opened.close();
  throw Object.assign(new Error('ESTALE: the folder was moved or replaced'), { code: 'ESTALE', path: folder });
}

async function openKnown(calls: SystemCalls, folder: string): Promise<OpenFolder | undefined> {
  try {
    return await openPlain(calls, folder);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    forgetFolder(calls, folder);
    return undefined;
  }
}

/** Makes a folder if need be and syncs the one above; for a folder that others made that is tried only, where we may. */
async function makeIn(calls: SystemCalls, folder: string): Promise<void> {
  let above: OpenFolder;
  try {
    above = await openDurableFolder(calls, path.dirname(folder));
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM') && (await exists(calls, folder))) return;
    throw error;
  }
  try {
    if (await make(calls, `${above.path}/${path.basename(folder)}`)) await above.sync();
    else await above.sync().catch(ignoreForeign);
  } finally {
    await above.close();
  }
}

async function make(calls: SystemCalls, folder: string): Promise<boolean> {
  try {
    // First, because making a folder that exists on a read-only disk is refused for the wrong reason.
    if ((await calls.lstat(folder)).isDirectory()) return false;
  } catch (error) {
    if (!isMissingFile(error)) throw error;
  }
  try {
    await calls.mkdir(folder);
    return true;
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
    return false;
  }
}

function ignoreForeign(error: unknown): void {
  if (!isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'EINVAL', 'ENOTSUP')) throw error;
}

async function exists(calls: SystemCalls, folder: string): Promise<boolean> {
  return calls.stat(folder).then(
    () => true,
    () => false,
  );
}

function knownOf(calls: SystemCalls): Set<string> {
  const known = durable.get(calls) ?? new Set<string>();
  durable.set(calls, known);
  return known;
}
