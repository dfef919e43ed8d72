import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { NamedObject } from './codec.ts';
import { toBytes } from './codec.ts';
import { createCommit } from './identity.ts';
import { emptyIndex, parseIndex, patchIndex, readEntries, type IndexChange, type IndexFile } from './index-file.ts';
import { takeLock, type GitLock } from './lock.ts';
import { readPlain, type ObjectStore } from './objects.ts';
import { moveRef } from './refs.ts';
import type { CommitMeta, Mode } from './repository.ts';
import { compareTrees, editTree, findInTree, listTree, type TreeChange } from './tree.ts';
import { statIfEqual, takeFile, type Taken } from './work-tree.ts';

/** How many files are looked at together. */
const AT_ONCE = 16;

/** A branch that is about to get a commit. */
export interface Branch {
  readonly folder: string;
  readonly gitDir: string;
  readonly ref: string;
  readonly store: ObjectStore;
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
  const lock = await takeLock(gitDir, 'index');
  try {
    const written = isSame ? undefined : writeAll(store, [...blobs, ...edited.objects, commit]);
    await Promise.all([written, writeIndex(branch, lock, changes, edited.id, fix)]);
    if (!isSame) await moveRef(gitDir, ref, head, commit.id, `commit: ${meta.message}`);
    await lock.commit();
    return isSame ? undefined : commit.id;
  } finally {
    await lock.release();
  }
}

/** Makes the index agree with a tree whose files have been written. */
export async function settleIndex(branch: Omit<Branch, 'ref' | 'head' | 'tree'>, tree: string): Promise<void> {
  const lock = await takeLock(branch.gitDir, 'index');
  try {
    const index = await readIndex(branch.gitDir);
    const changes = index?.tree
      ? await differences(branch.store, index.tree, tree)
      : await differencesByEntry(branch.store, index ?? emptyIndex(), tree);
    const entries = new Map<string, IndexChange>();
    await inTurns([...changes], async ([name, change]) => {
      const taken = change && (await statIfEqual(branch.folder, name, change.id));
      const isSeen = taken?.mode === change?.mode;
      entries.set(toBytes(name), change && { ...change, stat: isSeen ? taken?.stat : undefined });
    });
    await lock.write(await patchIndex(index ?? emptyIndex(), entries, tree));
    await lock.commit();
  } finally {
    await lock.release();
  }
}

/** The index of a repository; undefined when there is none, or one that is damaged. */
export async function readIndex(gitDir: string): Promise<IndexFile | undefined> {
  const file = path.join(gitDir, 'index');
  const found = await lstat(file, { bigint: true }).catch(() => undefined);
  const content = found && (await readPlain(file));
  return content && parseIndex(content, found.mtimeNs);
}

/** What the caller has written, as the tree and the index keep it. */
export async function takeWritten(branch: Branch, name: string, object: NamedObject): Promise<Taken> {
  const full = path.join(branch.folder, name);
  const found = await lstat(full).catch(() => undefined);
  const taken = found?.isFile() ? await statIfEqual(branch.folder, name, object.id) : undefined;
  if (taken && taken.mode !== '120000') return { ...taken, object };
  if (found?.isFile()) return { mode: (found.mode & 0o100) === 0 ? '100644' : '100755', id: object.id, object };
  const old = branch.tree && (await findInTree(branch.store, branch.tree, name));
  return { mode: old && old.mode === '100755' ? '100755' : '100644', id: object.id, object };
}

/** Reads many files of the work tree; one that is gone meanwhile counts as removed. */
export async function takeAll(
  folder: string,
  names: readonly string[],
  objects: string,
): Promise<Map<string, Taken | undefined>> {
  const found = new Map<string, Taken | undefined>();
  await inTurns(names, async (name) => void found.set(name, await takeFile(folder, name, objects)));
  return found;
}

async function writeAll(store: ObjectStore, objects: readonly NamedObject[]): Promise<void> {
  await store.write(objects);
}

async function writeIndex(
  { gitDir, store, tree }: Branch,
  lock: GitLock,
  changes: Changes,
  next: string,
  fix: IndexFix | undefined,
): Promise<void> {
  const index = await readIndex(gitDir);
  const entries = new Map<string, IndexChange>();
  if (!index && tree) {
    for (const { path, mode, id } of await listTree(store, tree)) entries.set(toBytes(path), { mode, id });
  }
  for (const [name, taken] of [...(fix?.entries ?? []), ...changes]) {
    entries.set(toBytes(name), taken && { ...pick(taken), stat: taken.stat });
  }
  const isWhole = !index || index.tree === tree || fix?.isWhole === true;
  await lock.write(await patchIndex(index ?? emptyIndex(), entries, isWhole ? next : undefined));
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
  const wanted = new Map((await listTree(store, tree)).map((file) => [toBytes(file.path), file]));
  const changes = new Map<string, TreeChange>();
  for await (const batch of readEntries(index)) {
    for (const { path: name, mode, id } of batch) {
      const file = wanted.get(name);
      if (!file) changes.set(name, undefined);
      else if (file.id === id && file.mode === mode) wanted.delete(name);
    }
  }
  for (const [name, file] of wanted) changes.set(name, pick(file));
  return new Map([...changes].map(([name, change]) => [Buffer.from(name, 'latin1').toString(), change]));
}

function pick({ mode, id }: { readonly mode: Mode; readonly id: string }): { mode: Mode; id: string } {
  return { mode, id };
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) await Promise.all(items.slice(at, at + AT_ONCE).map(work));
}
