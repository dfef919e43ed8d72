import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeTree } from './remove-entry.ts';
import { TEMPORARY_SUFFIX } from './store-path.ts';
import { systemCalls, type FolderEntry } from './system-calls.ts';

/** More folders are not looked into; a home that has so many keeps its leftovers, which are never listed or served. */
const MOST_FOLDERS = 200_000;
/** After so many folders in a row it rests, so that people who wait for the new start notice nothing. */
const FOLDERS_AT_ONCE = 50;
const REST_MS = 10;
/** Folders that others keep in order, or where nothing is ever written under a temporary name. */
const leftAlone = new Set(['.git', 'node_modules']);

/** Where new bots and pushes are prepared, each under an id. */
const unfinishedFolder = /^\.boternity\/(staging|cache\/git\/[^/]+\/incoming)$/;

const id = /(?:^|\.)([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export interface SweepOptions {
  /** What was begun at or after this time, in milliseconds since 1970, is still being written. */
  readonly before: number;
  readonly signal?: AbortSignal;
}

/**
 * Removes what a crash left unfinished in a home: files under temporary names, prepared folders that never took their place, locks that were
 * never placed. What cannot be removed stays. Gives the number of removed names. Slow on purpose.
 */
export async function sweepLeftovers(home: string, { before, signal }: SweepOptions): Promise<number> {
  let removed = 0;
  const folders = [''];
  for (let at = 0; at < folders.length && at < MOST_FOLDERS; at += 1) {
    const folder = folders[at] ?? '';
    if (signal?.aborted) return removed;
    if (at % FOLDERS_AT_ONCE === FOLDERS_AT_ONCE - 1) await sleep(REST_MS);
    for (const entry of await systemCalls.readdir(path.join(home, folder)).catch(() => [])) {
      const place = path.posix.join(folder, entry.name);
      if (isLeftover(folder, entry.name, before)) removed += await removeLeftover(path.join(home, place), entry);
      else if (entry.isDirectory() && !leftAlone.has(entry.name)) folders.push(place);
    }
  }
  return removed;
}

function isLeftover(folder: string, name: string, before: number): boolean {
  const isTemporary = name.endsWith(TEMPORARY_SUFFIX);
  const isUnplaced = folder === '.boternity' && name.startsWith('server.json.');
  if (!isTemporary && !isUnplaced && !unfinishedFolder.test(folder)) return false;
  const found = id.exec(isTemporary ? name.slice(0, -TEMPORARY_SUFFIX.length) : name);
  // The first 48 bits of an id are the time it was made.
  return found !== null && Number.parseInt(`${found[1]}${found[2]}`, 16) < before;
}

async function removeLeftover(place: string, entry: FolderEntry): Promise<number> {
  try {
    await (entry.isDirectory() ? removeTree(systemCalls, place) : systemCalls.unlink(place));
    return 1;
  } catch {
    return 0;
  }
}
