import path from 'node:path';
import { forgetFolder, openPlain } from './folders.ts';
import { temporaryName } from './replace-file.ts';
import { isMissingFile, isSystemError, type SystemCalls } from './system-calls.ts';

/** How often a folder that fills again while it is emptied is emptied anew. */
const EMPTY_AGAIN = 20;

/**
 * Removes a name from a folder, durably and in one step: a folder first gets a temporary name, so that nobody ever sees a half of
 * it. Rejects with the system's own errors.
 */
export async function removeEntry(calls: SystemCalls, folder: string, name: string): Promise<void> {
  const above = await openPlain(calls, folder);
  try {
    const place = `${above.path}/${name}`;
    const grave = `${above.path}/${temporaryName()}`;
    let isFolder = false;
    try {
      isFolder = (await calls.lstat(place)).isDirectory();
      if (isFolder) await calls.rename(place, grave);
      else await calls.unlink(place);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
    // Also when there was nothing: an earlier removal may have failed before this.
    await above.sync();
    forgetFolder(calls, path.join(folder, name));
    if (isFolder) await removeTree(calls, grave);
  } finally {
    await above.close();
  }
}

/** Removes a folder with all it holds. Never follows a link, also not one that appears meanwhile. Not synced. */
export async function removeTree(calls: SystemCalls, folder: string): Promise<void> {
  for (let again = 0; ; again += 1) {
    try {
      await empty(calls, folder);
      await calls.rmdir(folder);
      return;
    } catch (error) {
      if (isMissingFile(error)) return;
      // A write that was under way may have put its file there after the names were read.
      if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST') || again === EMPTY_AGAIN) throw error;
    }
  }
}

async function empty(calls: SystemCalls, folder: string): Promise<void> {
  const opened = await calls.openFolder(folder);
  try {
    for (const entry of await calls.readdir(opened.path)) {
      const place = `${opened.path}/${entry.name}`;
      if (entry.isDirectory()) await removeTree(calls, place);
      else await calls.unlink(place).catch(ignoreMissing);
    }
  } finally {
    await opened.close();
  }
}

function ignoreMissing(error: unknown): void {
  if (!isMissingFile(error)) throw error;
}
