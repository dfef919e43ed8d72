import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../../base/fault.ts';
import type { NamedObject } from './codec.ts';
import { toBytes, toPath } from './codec.ts';
import { createCommit } from './identity.ts';
import type { BotIndex } from './bot-index.ts';
import { emptyIndex, readEntries, type IndexChange, type IndexFile } from './index-file.ts';
import type { GitLock } from './lock.ts';
import type { ObjectStore } from './objects.ts';
import { moveRef, readHead } from './refs.ts';
import type { CommitMeta, Mode, TreeFile } from './repository.ts';
import { compareTrees, editTree, findInTree, listTree, type TreeChange } from './tree.ts';
import { allInTurns, eachInTurns } from './turns.ts';
import { statIfEqual, takeFile, type Taken } from './work-tree.ts';

/** How many files are looked at together. */
const AT_ONCE = 16;
/** So much of the files of a commit is held in memory. */
const HELD_BYTES = 16 << 20;
/** Larger files are not compared with the disk; git looks into them the next time it is asked. */
const CHECKED_UP_TO = 4 << 20;

/** A branch that is about to get a commit. */
export interface Branch {
  readonly folder: string;
  readonly gitDir: string;
  readonly ref: string;
  readonly store: ObjectStore;
  /** Folder of its objects. */
  readonly objects: string;
  readonly index: BotIndex;
  /** Where it stands; undefined: no commit yet. */
  readonly head: string | undefined;
  readonly tree: string | undefined;
}

/** Files to put into a commit, by path; undefined removes. */
export type Changes = ReadonlyMap<string, Taken | undefined>;

export interface IndexFix {
  /** Further entries to correct; undefined removes. */
  readonly entries: Changes;
  /** Whether the index is the tree of the branch once they are corrected. */
  readonly isWhole: boolean;
}

/**
 * Commits changes onto a branch: objects first, then the index beside its file, then the ref, then the index in place. Stopped
 * at any point the repository is whole, and the next look at it ends the step. Undefined when nothing differs.
 */
export async function commitOnBranch(
  branch: Branch,
  changes: Changes,
  meta: CommitMeta,
  fix?: IndexFix,
): Promise<string | undefined> {
  const { store, head, tree, gitDir, ref } = branch;
  const edits = new Map<string, TreeChange>([...changes].map(([name, taken]) => [name, taken && pick(taken)]));
  const edited = await editTree(store, tree, edits);
  const isSame = head !== undefined && edited.id === tree;
  if (isSame && !fix?.entries.size) return undefined;
  const commit = await createCommit(edited.id, head === undefined ? [] : [head], meta);
  const blobs = [...changes.values()].map((taken) => taken?.object).filter((object) => object !== undefined);
  const lock = await branch.index.lock();
  try {
    await Promise.all([
      isSame ? undefined : store.write([...blobs, ...edited.objects, commit]),
      writeIndex(branch, lock, changes, edited.id, fix),
      // Under the lock of the index nobody can switch to another branch.
      expectHead(branch),
    ]);
    if (!isSame) await moveRef(gitDir, ref, head, commit.id, `commit: ${meta.message}`);
    await lock.commitUnsynced();
    return isSame ? undefined : commit.id;
  } finally {
    await lock.release();
  }
}

/** Makes the index agree with a tree whose files have been written. */
export async function settleIndex(branch: Pick<Branch, 'folder' | 'store' | 'index'>, tree: string): Promise<void> {
  const lock = await branch.index.lock();
  try {
    const index = await branch.index.read();
    const changes = index?.tree
      ? await differences(branch.store, index.tree, tree)
      : await differencesByEntry(branch.store, index ?? emptyIndex(), tree);
    const entries = new Map<string, IndexChange>();
    await allInTurns([...changes], AT_ONCE, async ([name, change]) => {
      const taken = change && (await statIfEqual(branch.folder, name, change.id));
      const isSeen = taken?.mode === change?.mode;
      entries.set(toBytes(name), change && { ...change, stat: isSeen ? taken?.stat : undefined });
    });
    await branch.index.write(lock, index, entries, tree);
    await lock.commitUnsynced();
  } finally {
    await lock.release();
  }
}

/** What the caller has written, as the tree and the index keep it. */
export async function takeWritten(branch: Branch, name: string, object: NamedObject): Promise<Taken> {
  const taken = object.content.length <= CHECKED_UP_TO ? await takeFile(branch.folder, name) : undefined;
  if (taken?.id === object.id && taken.mode !== '120000') return { ...taken, object };
  const found = await lstat(path.join(branch.folder, name)).catch(() => undefined);
  if (found?.isFile()) return { mode: (found.mode & 0o100) === 0 ? '100644' : '100755', id: object.id, object };
  const old = branch.tree && (await findInTree(branch.store, branch.tree, name));
  return { mode: old && old.mode === '100755' ? '100755' : '100644', id: object.id, object };
}

/** Reads many files of the work tree; one that is gone meanwhile counts as removed. What would fill the memory is stored at once. */
export async function takeAll(
  { folder, store, objects }: Branch,
  names: readonly string[],
): Promise<Map<string, Taken | undefined>> {
  const found = new Map<string, Taken | undefined>();
  let held: NamedObject[] = [];
  let bytes = 0;
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const batch = names.slice(at, at + AT_ONCE);
    for (const [number, taken] of (await Promise.all(batch.map((name) => takeFile(folder, name, objects)))).entries()) {
      found.set(batch[number] ?? '', taken);
      if (taken?.object) held.push(taken.object);
      bytes += taken?.object?.content.length ?? 0;
    }
    if (bytes < HELD_BYTES) continue;
    await store.write(held);
    for (const [name, taken] of found) if (taken) found.set(name, withoutObject(taken));
    [held, bytes] = [[], 0];
  }
  return found;
}

function withoutObject({ mode, id, stat }: Taken): Taken {
  return { mode, id, ...(stat && { stat }) };
}

async function expectHead({ gitDir, ref }: Branch): Promise<void> {
  if ((await readHead(gitDir)) !== ref) throw new Fault('GIT_MOVED', 'HEAD was moved to another branch just now.');
}

async function writeIndex(
  { index: file, store, tree }: Branch,
  lock: GitLock,
  changes: Changes,
  next: string,
  fix: IndexFix | undefined,
): Promise<void> {
  const index = await file.read();
  const entries = new Map<string, IndexChange>();
  if (!index && tree) {
    for (const { path, mode, id } of await listTree(store, tree)) entries.set(toBytes(path), { mode, id });
  }
  for (const [name, taken] of [...(fix?.entries ?? []), ...changes]) {
    entries.set(toBytes(name), taken && { ...pick(taken), stat: taken.stat });
  }
  const isWhole = !index || index.tree === tree || fix?.isWhole === true;
  await file.write(lock, index, entries, isWhole ? next : undefined);
}

async function differences(store: ObjectStore, from: string, to: string): Promise<Map<string, TreeChange>> {
  const changes = await compareTrees(store, from, to);
  return new Map(changes.map(({ path, after }) => [path, after && pick(after)]));
}

async function differencesByEntry(
  store: ObjectStore,
  index: IndexFile,
  tree: string,
): Promise<Map<string, TreeChange>> {
  const wanted = new Map<string, TreeFile>();
  await eachInTurns(await listTree(store, tree), (file) => wanted.set(toBytes(file.path), file));
  const changes = new Map<string, TreeChange>();
  for await (const batch of readEntries(index)) {
    for (const { path: name, mode, id } of batch) {
      const file = wanted.get(name);
      if (!file) changes.set(toPath(name), undefined);
      else if (file.id === id && file.mode === mode) wanted.delete(name);
    }
  }
  await eachInTurns(wanted.values(), (file) => changes.set(file.path, pick(file)));
  return changes;
}

function pick({ mode, id }: { readonly mode: Mode; readonly id: string }): { mode: Mode; id: string } {
  return { mode, id };
}
