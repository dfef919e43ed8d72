import { lstat, opendir, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { isMissingFile, TEMPORARY_SUFFIX, type Finding, type Home } from 'boternity';

/** Whatever is younger may still be in use, in milliseconds. */
const OLD_MS = 60 * 60 * 1000;
const STAGING = '.boternity/staging';
/** Names that a message lists. */
const LISTED = 3;

/** Files that a write left behind when it was cut off. Nothing reads them. */
export async function temporaryFiles(home: Home, signal: AbortSignal): Promise<Finding[]> {
  const found: string[] = [];
  for await (const file of filesBelow(home.path, '')) {
    signal.throwIfAborted();
    if (isTemporary(file) && (await isOld(home.path, file))) found.push(file);
  }
  return leftovers(found, 'left behind by writes that were cut off', async () => {
    for (const file of found) if (await isOld(home.path, file)) await unlink(path.join(home.path, file));
  });
}

/** Folders that were being prepared, or taken away, when the server was cut off. */
export async function stagingLeft(home: Home): Promise<Finding[]> {
  const found: string[] = [];
  for (const { name } of await home.files.list(STAGING)) {
    if (await isOld(home.path, `${STAGING}/${name}`)) found.push(`${STAGING}/${name}`);
  }
  return leftovers(found, 'left behind by work that was cut off', async () => {
    for (const place of found) await rm(path.join(home.path, place), { recursive: true, force: true });
  });
}

function leftovers(found: readonly string[], why: string, apply: () => Promise<void>): Finding[] {
  if (found.length === 0) return [];
  const more = found.length > LISTED ? ` and ${found.length - LISTED} more` : '';
  const what = found.slice(0, LISTED).join(', ') + more;
  return [{ level: 'info', message: `There is something ${why}: ${what}.`, fix: { does: `Removes ${what}.`, apply } }];
}

function isTemporary(file: string): boolean {
  return file.endsWith(TEMPORARY_SUFFIX) || file.startsWith('.boternity/server.json.');
}

async function isOld(root: string, file: string): Promise<boolean> {
  const found = await lstat(path.join(root, file)).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > OLD_MS;
}

/** Every file of the home by its path, links not followed. What git and npm keep is theirs. */
async function* filesBelow(root: string, folder: string): AsyncGenerator<string> {
  const entries = await opendir(path.join(root, folder)).catch((error: unknown) => {
    if (isMissingFile(error)) return undefined;
    throw error;
  });
  for await (const entry of entries ?? []) {
    const place = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) yield place;
    else if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules')
      yield* filesBelow(root, place);
  }
}
