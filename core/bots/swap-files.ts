import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, rename, rmdir, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { makeFolder, syncFolder } from '../files/disk.ts';
import { writeAtomically } from '../files/replace-file.ts';
import { isMissingFile } from '../files/system-calls.ts';
import type { FileChange, Quarantine, TreeFile } from '../files/git/repository.ts';

/** Files that are staged side by side. */
const AT_ONCE = 8;

/** Files of a commit, whole and on disk, beside the folder they are meant for: path → where it is staged. */
export type Staged = ReadonlyMap<string, string>;

/** Writes what a commit has new to a folder on the same disk, so that a full one is known before anything changes. */
export async function stageFiles(
  commits: Pick<Quarantine, 'read'>,
  commit: string,
  changes: readonly FileChange[],
  folder: string,
): Promise<Staged> {
  await makeFolder(folder);
  const staged = new Map<string, string>();
  const files = changes.flatMap(({ after }) => (after ? [after] : []));
  const stage = async (file: TreeFile, at: number): Promise<void> => {
    const content = await commits.read(commit, file.path);
    if (!content) throw new Fault('INTERNAL', `${file.path} is not in the commit that names it.`);
    const place = path.join(folder, String(at));
    if (file.mode === '120000') await symlink(content.toString(), place);
    else await writeAtomically(place, content, file.mode === '100755' ? 0o755 : 0o644);
    staged.set(file.path, place);
  };
  for (let at = 0; at < files.length; at += AT_ONCE)
    await Promise.all(files.slice(at, at + AT_ONCE).map((file, index) => stage(file, at + index)));
  return staged;
}

/** What lies on disk where the changes want to write and is not as git knows it: it would be lost. Paths. */
export async function findObstacles(folder: string, changes: readonly FileChange[]): Promise<string[]> {
  const gone = new Set(changes.filter(({ before }) => before).map((change) => change.path));
  const obstacles = new Set<string>();
  for (const { path: file, before, after } of changes) {
    if (before) {
      const found = await lookAt(folder, file);
      const isKnown = found === undefined || found === stateOf(before) || (after && found === stateOf(after));
      if (!isKnown) obstacles.add(file);
    } else if (after) {
      for (const name of await unknownOnTheWay(folder, file, after, gone)) obstacles.add(name);
    }
  }
  return [...obstacles];
}

/** What is in the way of a new file: something in its place or in that of a folder above it. */
async function unknownOnTheWay(
  folder: string,
  file: string,
  after: TreeFile,
  gone: ReadonlySet<string>,
): Promise<string[]> {
  for (const place of upTo(file)) {
    const found = await lookAt(folder, place);
    if (found === undefined) return [];
    if (found === 'folder' && place !== file) continue;
    if (found === 'folder') return (await filesBelow(folder, place)).filter((name) => !gone.has(name));
    const isSame = place === file && found === stateOf(after);
    return isSame || gone.has(place) ? [] : [place];
  }
  return [];
}

/**
 * Makes the folder what the changes say: staged files are renamed into their places, then what is gone is removed. A file that is
 * neither what it was nor what it shall be has been edited this very moment; it stays and is named in the answer. Can be repeated.
 */
export async function swapFiles(folder: string, changes: readonly FileChange[], staged: Staged): Promise<string[]> {
  const kept: string[] = [];
  const touched = new Set<string>();
  const gone = new Map(changes.flatMap(({ path: file, before, after }) => (before && !after ? [[file, before]] : [])));
  for (const { path: file, before, after } of changes) {
    if (!after) continue;
    const from = staged.get(file);
    const now = await lookAt(folder, file);
    if (now === stateOf(after)) continue;
    const isKnown = now === undefined || now === 'folder' || now === BLOCKED || (before && now === stateOf(before));
    if (!from || !isKnown || !(await clearWay(folder, file, gone))) {
      kept.push(file);
      continue;
    }
    await rename(from, path.join(folder, file));
    touched.add(path.dirname(file));
  }
  for (const [file, before] of gone) {
    const now = await lookAt(folder, file);
    if (now === undefined || now === 'folder') continue;
    if (now !== stateOf(before)) kept.push(file);
    else await removeFile(folder, file);
    touched.add(path.dirname(file));
  }
  for (const place of touched) await syncNearest(folder, place);
  return kept;
}

/** Makes the folders above a file. What stands in the way is removed when it is gone from the commit; else the answer is false. */
async function clearWay(folder: string, file: string, gone: ReadonlyMap<string, TreeFile>): Promise<boolean> {
  for (const place of upTo(file)) {
    const full = path.join(folder, place);
    const found = await look(full);
    if (place === file) {
      if (found === 'folder') return clearFolder(folder, file, gone);
      return true;
    }
    if (found === 'folder') continue;
    const before = gone.get(place);
    if (found !== undefined && (!before || found !== stateOf(before))) return false;
    if (found !== undefined) await unlink(full);
    await mkdir(full);
    await syncFolder(path.dirname(full));
  }
  return true;
}

async function clearFolder(folder: string, place: string, gone: ReadonlyMap<string, TreeFile>): Promise<boolean> {
  for (const inside of await filesBelow(folder, place)) {
    const before = gone.get(inside);
    if (!before || (await lookAt(folder, inside)) !== stateOf(before)) return false;
  }
  for (const inside of await filesBelow(folder, place)) await removeFile(folder, inside);
  await rmdir(path.join(folder, place)).catch((error: unknown) => {
    if (!isMissingFile(error)) throw error;
  });
  return true;
}

/** Removes a file and the folders above it that are empty without it. */
async function removeFile(folder: string, file: string): Promise<void> {
  await unlink(path.join(folder, file));
  for (const place of upTo(file).slice(0, -1).toReversed()) {
    const isEmptied = await rmdir(path.join(folder, place)).then(
      () => true,
      () => false,
    );
    if (!isEmptied) return;
  }
}

/** All files below a folder, by their paths from the root. */
async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const place = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(root, place) : [place];
    }),
  );
  return found.flat();
}

async function syncNearest(root: string, folder: string): Promise<void> {
  for (let place = folder; ; place = path.dirname(place)) {
    try {
      await syncFolder(path.join(root, place));
      return;
    } catch (error) {
      if (!isMissingFile(error) || place === '.') throw error;
    }
  }
}

/** A file or a link stands where a folder of the path should be. */
const BLOCKED = 'blocked';

/** What lies at a path below a folder. No link is followed, also none on the way. */
async function lookAt(folder: string, file: string): Promise<string | undefined> {
  for (const place of upTo(file).slice(0, -1)) {
    const found = await lstat(path.join(folder, place)).catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw Fault.from(error);
    });
    if (!found) return undefined;
    if (!found.isDirectory()) return BLOCKED;
  }
  return look(path.join(folder, file));
}

/** What lies at a place, links not followed: `folder`, or mode and id as git has them; undefined for nothing. */
async function look(place: string): Promise<string | undefined> {
  try {
    const found = await lstat(place);
    if (found.isDirectory()) return 'folder';
    if (found.isSymbolicLink()) return `120000 ${blobId(Buffer.from(await readlink(place)))}`;
    if (!found.isFile()) return 'other';
    const mode = (found.mode & 0o100) === 0 ? '100644' : '100755';
    return `${mode} ${blobId(await readFile(place))}`;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw Fault.from(error);
  }
}

function stateOf({ mode, id }: TreeFile): string {
  return `${mode} ${id}`;
}

function blobId(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** The folders above a file, outermost first, and the file. */
function upTo(file: string): string[] {
  const parts = file.split('/');
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}
