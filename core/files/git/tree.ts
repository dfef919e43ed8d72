import { Fault } from '../../base/fault.ts';
import { encodeTree, isFolder, nameObject, parseTree, toBytes, toPath, TREE_MODE } from './codec.ts';
import type { NamedObject, TreeEntry } from './codec.ts';
import type { ObjectStore } from './objects.ts';
import type { FileChange, Mode, TreeFile } from './repository.ts';
import { allInTurns } from './turns.ts';

/** How many folders are read at once. */
const AT_ONCE = 8;
/** Folders deeper than this are an attack. */
const DEPTH_MAX = 256;

/** A new entry for a path, or undefined to remove it. */
export type TreeChange = { readonly mode: Mode; readonly id: string } | undefined;

/** Entries of a tree object. Throws GIT_DAMAGED when it is missing or no tree. */
export async function readTree(store: ObjectStore, id: string): Promise<TreeEntry[]> {
  const object = await store.read(id);
  if (object?.kind !== 'tree') throw new Fault('GIT_DAMAGED', `The git tree ${id} is missing.`);
  try {
    return parseTree(object.content);
  } catch (error) {
    throw new Fault('GIT_DAMAGED', `The git tree ${id} cannot be read.`, { cause: error });
  }
}

/** Every file below a tree, in the order of git. */
export async function listTree(store: ObjectStore, id: string, prefix = ''): Promise<TreeFile[]> {
  if (prefix.split('/').length > DEPTH_MAX) throw new Fault('GIT_DAMAGED', 'Folders of a commit are nested too deep.');
  const entries = await readTree(store, id);
  const parts = await allInTurns(entries, AT_ONCE, async (entry): Promise<TreeFile[]> => {
    const path = prefix + toPath(entry.name);
    if (isFolder(entry)) return listTree(store, entry.id, `${path}/`);
    return [{ path, mode: modeOf(entry), id: entry.id }];
  });
  return parts.flat();
}

/** The entry at a path; undefined when there is none. */
export async function findInTree(store: ObjectStore, tree: string, path: string): Promise<TreeEntry | undefined> {
  let at: TreeEntry = { name: '', mode: TREE_MODE, id: tree };
  for (const part of toBytes(path).split('/')) {
    if (!isFolder(at)) return undefined;
    const next = (await readTree(store, at.id)).find(({ name }) => name === part);
    if (!next) return undefined;
    at = next;
  }
  return at;
}

/** Files that differ between two trees, by path. Folders that are equal are not read. */
export async function compareTrees(
  store: ObjectStore,
  before: string | undefined,
  after: string | undefined,
  prefix = '',
): Promise<FileChange[]> {
  if (before === after) return [];
  if (prefix.split('/').length > DEPTH_MAX) throw new Fault('GIT_DAMAGED', 'Folders of a commit are nested too deep.');
  const [old, next] = await Promise.all([entriesByName(store, before), entriesByName(store, after)]);
  const keyed = Array.from(new Set([...old.keys(), ...next.keys()]), (name) => {
    const entry = old.get(name) ?? next.get(name);
    return { name, key: entry && isFolder(entry) ? `${name}/` : name };
  });
  const names = keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ name }) => name);
  const parts = await allInTurns(names, AT_ONCE, (name) =>
    compareEntries(store, prefix, old.get(name), next.get(name)),
  );
  return parts.flat();
}

/**
 * The tree with some paths changed, and the tree objects that must be written for it. Only folders on the way to a change are
 * read and made anew; a folder that becomes empty goes. `undefined` as `tree` is the empty one.
 */
export async function editTree(
  store: ObjectStore,
  tree: string | undefined,
  changes: ReadonlyMap<string, TreeChange>,
): Promise<{ id: string; objects: NamedObject[] }> {
  const objects: NamedObject[] = [];
  const byPath = [...changes].map(([path, change]): Step => ({ parts: toBytes(path).split('/'), change }));
  const id = await editFolder(store, tree, byPath, objects);
  if (id !== undefined) return { id, objects };
  const empty = await nameObject('tree', Buffer.alloc(0));
  return { id: empty.id, objects: [...objects, empty] };
}

interface Step {
  readonly parts: readonly string[];
  readonly change: TreeChange;
}

async function editFolder(
  store: ObjectStore,
  tree: string | undefined,
  steps: readonly Step[],
  objects: NamedObject[],
): Promise<string | undefined> {
  const entries = await entriesByName(store, tree);
  const below = Map.groupBy(steps, ({ parts }) => parts[0] ?? '');
  let isChanged = false;
  const put = (name: string, entry: Omit<TreeEntry, 'name'> | undefined): void => {
    const old = entries.get(name);
    if (old?.id === entry?.id && old?.mode === entry?.mode) return;
    isChanged = true;
    if (entry) entries.set(name, { name, ...entry });
    else entries.delete(name);
  };
  for (const [name, inside] of below) {
    // What replaces a file by a folder, or the other way round, removes one and adds the other: removals come first.
    const own = inside.filter(({ parts }) => parts.length === 1).map(({ change }) => change);
    const deeper = inside
      .filter(({ parts }) => parts.length > 1)
      .map(({ parts, change }) => ({ parts: parts.slice(1), change }));
    const file = own.findLast((change) => change !== undefined);
    const old = entries.get(name);
    if (file) put(name, file);
    else if (own.length > 0 && old && !isFolder(old)) put(name, undefined);
    if (file || deeper.length === 0) continue;
    const at = entries.get(name);
    if (at && !isFolder(at) && !deeper.some(({ change }) => change)) continue;
    const folder = await editFolder(store, at && isFolder(at) ? at.id : undefined, deeper, objects);
    put(name, folder === undefined ? undefined : { mode: TREE_MODE, id: folder });
  }
  if (!isChanged) return entries.size === 0 ? undefined : tree;
  if (entries.size === 0) return undefined;
  const object = await nameObject('tree', encodeTree(entries.values()));
  objects.push(object);
  return object.id;
}

async function entriesByName(store: ObjectStore, tree: string | undefined): Promise<Map<string, TreeEntry>> {
  const entries = tree === undefined ? [] : await readTree(store, tree);
  return new Map(entries.map((entry) => [entry.name, entry]));
}

async function compareEntries(
  store: ObjectStore,
  prefix: string,
  old: TreeEntry | undefined,
  next: TreeEntry | undefined,
): Promise<FileChange[]> {
  if (old?.id === next?.id && old?.mode === next?.mode) return [];
  const path = prefix + toPath((old ?? next)?.name ?? '');
  const [oldTree, nextTree] = [old, next].map((entry) => (entry && isFolder(entry) ? entry.id : undefined));
  const inside = oldTree || nextTree ? await compareTrees(store, oldTree, nextTree, `${path}/`) : [];
  const before = old && !isFolder(old) ? { path, mode: modeOf(old), id: old.id } : undefined;
  const after = next && !isFolder(next) ? { path, mode: modeOf(next), id: next.id } : undefined;
  if (before && after) return [{ path, kind: 'changed', before, after }, ...inside];
  if (before) return [{ path, kind: 'removed', before }, ...inside];
  if (after) return [{ path, kind: 'added', after }, ...inside];
  return inside;
}

/** Old repositories hold group-writable modes; git treats them as plain. */
function modeOf(entry: TreeEntry): Mode {
  if (entry.mode === '120000' || entry.mode === '160000') return entry.mode;
  return entry.mode.endsWith('755') ? '100755' : '100644';
}
