import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, readdir, readlink, realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../../base/fault.ts';
import { isMissingFile } from '../system-calls.ts';
import { TEMPORARY_SUFFIX } from '../store-path.ts';
import { nameObject, toPath, type NamedObject } from './codec.ts';
import { isAsSeen, readEntries, type IndexEntry, type IndexFile } from './index-file.ts';
import { nameBlobFromFile, writeBlobFromFile } from './objects.ts';
import { isGitName } from './paths.ts';
import type { Mode, TreeFile } from './repository.ts';
import { allInTurns, eachInTurns } from './turns.ts';

/** Larger files are stored in pieces, never held as a whole. */
const WHOLE_UP_TO = 4 << 20;
/** How many files of a folder are looked at together. */
const AT_ONCE = 64;

/** A file of the work tree as git would keep it. */
export interface Taken {
  readonly mode: Mode;
  readonly id: string;
  /** To be written; absent when it is stored already. */
  readonly object?: NamedObject;
  /** What the system said of the file while it was read; absent when it changed meanwhile. */
  readonly stat?: BigIntStats;
}

export interface Scan {
  /** Paths that differ from the branch: there, or removed. */
  readonly changed: ReadonlyMap<string, 'there' | 'removed'>;
  /** Files that are as the branch has them, though the index does not know. Keys are paths. */
  readonly settled: ReadonlyMap<string, Taken | undefined>;
  /** Whether the index is what the branch holds, once `changed` and `settled` are put right in it. */
  readonly isWhole: boolean;
}

export interface ScanOptions {
  readonly folder: string;
  /** What the branch holds; undefined: what the index does. */
  readonly tracked: readonly TreeFile[] | undefined;
  readonly index: IndexFile;
  /** A top folder that belongs to another repository. */
  readonly leftOut: string | undefined;
  /** Asks git for files that are neither in the index nor ignored; a folder with a repository of its own ends in a slash. */
  readonly untracked: () => Promise<string[]>;
  /** Waited for between a few files and the next, where nothing is in a hurry. What it throws ends the scan. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** Told of folders that hold a repository of their own. */
  readonly onNested: (folder: string) => void;
}

type Known = Pick<TreeFile, 'mode' | 'id'>;

/** Compares a work tree with its branch. Files that are as the index saw them are not read. */
export async function scanWorkTree(options: ScanOptions): Promise<Scan> {
  const { index, untracked, onNested } = options;
  const seen = new Map<string, IndexEntry>();
  for await (const batch of readEntries(index)) for (const entry of batch) seen.set(toPath(entry.path), entry);
  const listed = new Map<string, Known>();
  await eachInTurns(options.tracked ?? [], (file) => listed.set(file.path, file));
  const tracked = options.tracked ? listed : seen;
  const walk = new Walk(options, tracked, await foldersOf(tracked.keys()), seen);
  await walk.enter('');
  await walk.findRemoved();
  if (walk.sawUntracked) {
    for (const name of await untracked()) {
      if (name.endsWith('/')) onNested(name.slice(0, -1));
      else if (!tracked.has(name) && !walk.isLeftOut(name)) walk.changed.set(name, 'there');
    }
  }
  await walk.compareIndex();
  return walk;
}

async function foldersOf(paths: Iterable<string>): Promise<Set<string>> {
  const folders = new Set<string>();
  await eachInTurns(paths, (name) => {
    for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
      const folder = name.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  });
  return folders;
}

class Walk implements Scan {
  readonly changed = new Map<string, 'there' | 'removed'>();
  readonly settled = new Map<string, Taken | undefined>();
  readonly #options: ScanOptions;
  readonly #tracked: ReadonlyMap<string, Known>;
  readonly #folders: ReadonlySet<string>;
  readonly #seen: ReadonlyMap<string, IndexEntry>;
  readonly #met = new Set<string>();
  readonly #skipped: string[] = [];
  sawUntracked = false;
  isWhole = true;

  constructor(
    options: ScanOptions,
    tracked: ReadonlyMap<string, Known>,
    folders: ReadonlySet<string>,
    seen: ReadonlyMap<string, IndexEntry>,
  ) {
    this.#options = options;
    this.#tracked = tracked;
    this.#folders = folders;
    this.#seen = seen;
  }

  async enter(folder: string): Promise<void> {
    const full = path.join(this.#options.folder, folder);
    const entries = await readdir(full, { withFileTypes: true }).catch(absent);
    if (!entries) return;
    if (folder !== '' && entries.some(({ name }) => name === '.git')) {
      this.#skipped.push(`${folder}/`);
      this.#options.onNested(folder);
      return;
    }
    const files: string[] = [];
    for (const entry of entries) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (this.isLeftOut(name)) continue;
      if (entry.isDirectory()) {
        if (this.#folders.has(name)) await this.enter(name);
        else this.sawUntracked = true;
      } else if (this.#tracked.has(name)) files.push(name);
      // A person has staged it: it is meant to be committed.
      else if (this.#seen.has(name)) this.changed.set(name, 'there');
      else this.sawUntracked ||= entry.isFile() || entry.isSymbolicLink();
    }
    await allInTurns(files, AT_ONCE, (file) => this.#check(file), this.#options.pause);
  }

  isLeftOut(name: string): boolean {
    const parts = name.split('/');
    return parts[0] === this.#options.leftOut || name.endsWith(TEMPORARY_SUFFIX) || parts.some(isGitName);
  }

  async findRemoved(): Promise<void> {
    await eachInTurns(this.#tracked, ([name, { mode }]) => {
      if (this.#met.has(name) || mode === '160000' || name.includes('\ufffd')) return;
      if (this.#seen.get(name)?.isSkipped || this.#skipped.some((folder) => name.startsWith(folder))) return;
      if (!this.isLeftOut(name)) this.changed.set(name, 'removed');
    });
  }

  /** Entries that the branch does not have go, unless their file is about to be committed. */
  async compareIndex(): Promise<void> {
    if (this.#tracked === this.#seen) return;
    await eachInTurns(this.#seen, ([name, { id, mode }]) => {
      if (this.changed.has(name) || this.settled.has(name)) return;
      const known = this.#tracked.get(name);
      if (!known) this.settled.set(name, undefined);
      else if (known.id !== id || known.mode !== mode) this.isWhole = false;
    });
    await eachInTurns(this.#tracked.keys(), (name) => {
      this.isWhole &&= this.#seen.has(name) || this.changed.has(name) || this.settled.has(name);
    });
  }

  async #check(name: string): Promise<void> {
    const known = this.#tracked.get(name);
    const full = path.join(this.#options.folder, name);
    const stat = await lstat(full, { bigint: true }).catch(absent);
    if (!known || !stat) return;
    this.#met.add(name);
    const entry = this.#seen.get(name);
    const isSame = entry?.id === known.id && entry.mode === known.mode && modeOf(stat) === known.mode;
    if (isSame && isAsSeen(this.#options.index, entry, stat)) return;
    // Another length is another content: nothing needs to be read.
    if (isSame && entry.size > 0 && BigInt(entry.size) !== (stat.size & 0xffffffffn)) {
      this.changed.set(name, 'there');
      return;
    }
    const taken = await takeFile(this.#options.folder, name);
    if (!taken) return;
    const { mode, id, stat: read } = taken;
    if (id === known.id && mode === known.mode) this.settled.set(name, { mode, id, ...(read && { stat: read }) });
    else this.changed.set(name, 'there');
  }
}

/**
 * Reads a file or a link as a blob; undefined when it is gone or is neither. With `objects`, a folder of objects, large files
 * are stored there at once; without, they are only named.
 */
export async function takeFile(folder: string, name: string, objects?: string): Promise<Taken | undefined> {
  const full = path.join(folder, name);
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(full, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ELOOP') return 'link';
    if (error.code === 'ENXIO') return undefined;
    return absent(error);
  });
  if (handle === 'link') return takeLink(full);
  if (!handle) return undefined;
  try {
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile()) return undefined;
    await refuseWayOut(folder, name);
    const named = await nameContent(handle, stat, objects);
    if (named === undefined) throw new Fault('GIT_MOVED', `${name} is being written to.`);
    const after = await handle.stat({ bigint: true });
    const isStill = after.mtimeNs === stat.mtimeNs && after.ctimeNs === stat.ctimeNs && after.size === stat.size;
    return { mode: modeOf(stat), ...named, ...(isStill && { stat }) };
  } finally {
    await handle.close();
  }
}

async function takeLink(full: string): Promise<Taken | undefined> {
  const stat = await lstat(full, { bigint: true }).catch(absent);
  const target = stat?.isSymbolicLink() ? await readlink(full, { encoding: 'buffer' }).catch(absent) : undefined;
  if (!stat || !target) return undefined;
  const object = await nameObject('blob', target);
  return { mode: '120000', id: object.id, object, stat };
}

async function nameContent(
  handle: FileHandle,
  stat: BigIntStats,
  objects: string | undefined,
): Promise<{ id: string; object?: NamedObject } | undefined> {
  if (stat.size > WHOLE_UP_TO) {
    const id = await (objects ? writeBlobFromFile(objects, handle, stat) : nameBlobFromFile(handle, stat));
    return id === undefined ? undefined : { id };
  }
  const object = await nameObject('blob', await handle.readFile());
  return { id: object.id, object };
}

/** The mode that git keeps: plain, executable, link. */
export function modeOf(stat: BigIntStats): Mode {
  if (stat.isSymbolicLink()) return '120000';
  return (stat.mode & 0o100n) === 0n ? '100644' : '100755';
}

/** What the system says of a file, when it holds these bytes now; the index may then trust it. */
export async function statIfEqual(folder: string, name: string, id: string): Promise<Taken | undefined> {
  const found = await lstat(path.join(folder, name)).catch(() => undefined);
  if (!found || found.size > WHOLE_UP_TO) return undefined;
  const taken = await takeFile(folder, name).catch(() => undefined);
  return taken?.id === id ? taken : undefined;
}

/** A folder on the way that became a link after it was listed would lead elsewhere. */
async function refuseWayOut(folder: string, name: string): Promise<void> {
  if (!name.includes('/')) return;
  const [root, real] = await Promise.all([realpath(folder), realpath(path.join(folder, path.dirname(name)))]);
  if (real !== path.join(root, path.dirname(name))) {
    throw new Fault('PATH_REFUSED', `${name} leads out of its folder through a link.`);
  }
}

function absent(error: unknown): undefined {
  if (isMissingFile(error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ELOOP') return undefined;
  throw Fault.from(error);
}
