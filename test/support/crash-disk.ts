import { constants } from 'node:fs';
import path from 'node:path';
import type { Facts, OpenFile, OpenFolder, SystemCalls } from '../../core/files/system-calls.ts';
import { randomFrom } from './random.ts';

/** A disk writes sectors whole, in any order. */
const SECTOR = 512;

/** Stands in the place of an answer when the machine is off. */
export class Crash extends Error {}

/** What a disk that loses power does with everything that was not synced: keeps it, forgets it, or each piece as it falls. */
export type Drop = 'keeps all' | 'forgets all' | number;

export interface Trouble {
  /** The machine is off from this call on, counted from 1. */
  readonly stopAt?: number;
  /** These calls fail with the error. A sync that fails forgets what it should have written, as Linux does. */
  readonly fail?: { readonly code: string; readonly at: (call: number, name: string) => boolean };
  /** A sync that fails also spoils the sectors that it should have written. */
  readonly spoils?: boolean;
  /** Makes calls that run side by side come in another order. */
  readonly seed?: number;
}

interface Inode {
  readonly id: number;
  readonly isFolder: boolean;
  mode: number;
  links: number;
  content: Buffer;
  /** What the platter holds; differs from the content only in what was not synced. */
  durable: Buffer;
  dirty: Set<number>;
  readonly entries: Map<string, Inode>;
  durableEntries: Map<string, Inode>;
  /** What a name has stood for since the folder was synced last. */
  readonly past: Map<string, (Inode | undefined)[]>;
}

/**
 * A disk in memory that keeps to what POSIX promises and to nothing more: content is durable after a sync of the file, a name
 * after a sync of its folder; everything else may be lost, kept, or kept in part and in another order.
 */
export class CrashDisk implements SystemCalls {
  /** Names of all calls, in order. */
  readonly trace: string[] = [];
  readonly #trouble: Trouble;
  readonly #root: Inode;
  readonly #open = new Map<number, Inode>();
  readonly #random: () => number;
  #lastId = 0;

  constructor(trouble: Trouble = {}, root?: Inode) {
    this.#trouble = trouble;
    this.#root = root ?? this.#create(true);
    this.#random = randomFrom(trouble.seed ?? 1);
  }

  /** How many files and folders are open now. */
  get openCount(): number {
    return this.#open.size;
  }

  /** The disk as the next start finds it. */
  afterCrash(drop: Drop, trouble: Trouble = {}): CrashDisk {
    return new CrashDisk(trouble, reborn(this.#root, drop, randomFrom(typeof drop === 'number' ? drop : 1), new Map()));
  }

  /** The same disk under other trouble, with everything that was written: as after the end of the process alone. */
  afterKill(trouble: Trouble = {}): CrashDisk {
    return new CrashDisk(trouble, this.#root);
  }

  /** Paths of all files, sorted. */
  get files(): string[] {
    const below = (inode: Inode, at: string): string[] =>
      [...inode.entries].flatMap(([name, child]) =>
        child.isFolder ? below(child, `${at}/${name}`) : [`${at}/${name}`],
      );
    return below(this.#root, '').toSorted();
  }

  async open(file: string, flags: number, mode = 0o644): Promise<OpenFile> {
    await this.#step('open', file);
    const { folder, name } = this.#parent(file);
    const found = name === '' ? folder : folder.entries.get(name);
    if (found && (flags & constants.O_EXCL) !== 0) throw systemError('EEXIST', file);
    if (found?.isFolder && (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0) throw systemError('EISDIR', file);
    if (found) return this.#opened(found);
    if ((flags & constants.O_CREAT) === 0) throw systemError('ENOENT', file);
    const made = this.#create(false, mode);
    this.#set(folder, name, made);
    return this.#opened(made);
  }

  async openFolder(folder: string): Promise<OpenFolder> {
    await this.#step('openFolder', folder);
    const inode = this.#find(folder);
    if (!inode.isFolder) throw systemError('ENOTDIR', folder);
    return this.#opened(inode);
  }

  async readdir(folder: string): Promise<{ name: string; isDirectory(): boolean }[]> {
    await this.#step('readdir', folder);
    const inode = this.#find(folder);
    if (!inode.isFolder) throw systemError('ENOTDIR', folder);
    return [...inode.entries].map(([name, child]) => ({ name, isDirectory: () => child.isFolder }));
  }

  async realpath(file: string): Promise<string> {
    await this.#step('realpath', file);
    this.#find(file);
    return path.resolve(file);
  }

  async stat(file: string): Promise<Facts> {
    await this.#step('stat', file);
    return factsOf(this.#find(file));
  }

  lstat(file: string): Promise<Facts> {
    return this.stat(file);
  }

  async mkdir(folder: string): Promise<void> {
    await this.#step('mkdir', folder);
    const { folder: above, name } = this.#parent(folder);
    if (above.entries.has(name)) throw systemError('EEXIST', folder);
    this.#set(above, name, this.#create(true));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step('rename', to);
    const source = this.#parent(from);
    const target = this.#parent(to);
    const inode = source.folder.entries.get(source.name);
    const replaced = target.folder.entries.get(target.name);
    if (!inode) throw systemError('ENOENT', from);
    if (replaced?.isFolder && !inode.isFolder) throw systemError('EISDIR', to);
    if (replaced?.isFolder && replaced.entries.size > 0) throw systemError('ENOTEMPTY', to);
    this.#set(target.folder, target.name, inode);
    this.#set(source.folder, source.name, undefined);
  }

  async unlink(file: string): Promise<void> {
    await this.#step('unlink', file);
    const { folder, name } = this.#parent(file);
    if (!folder.entries.has(name)) throw systemError('ENOENT', file);
    if (folder.entries.get(name)?.isFolder) throw systemError('EISDIR', file);
    this.#set(folder, name, undefined);
  }

  async rmdir(file: string): Promise<void> {
    await this.#step('rmdir', file);
    const { folder, name } = this.#parent(file);
    const inode = this.#find(file);
    if (inode.entries.size > 0) throw systemError('ENOTEMPTY', file);
    this.#set(folder, name, undefined);
  }

  async #step(name: string, where = ''): Promise<void> {
    for (let turns = Math.floor(this.#random() * 3); turns > 0; turns -= 1) await Promise.resolve();
    const { stopAt = Infinity, fail } = this.#trouble;
    const call = this.trace.length + 1;
    if (call >= stopAt) throw new Crash('The machine is off.');
    this.trace.push(`${name} ${where.split('/').at(-1)}`);
    if (fail?.at(call, name)) throw systemError(fail.code, where);
  }

  #create(isFolder: boolean, mode = 0o755): Inode {
    this.#lastId += 1;
    const empty = { content: Buffer.alloc(0), durable: Buffer.alloc(0), dirty: new Set<number>() };
    const names = { entries: new Map(), durableEntries: new Map(), past: new Map() };
    return { id: this.#lastId, isFolder, mode, links: 0, ...empty, ...names };
  }

  #set(folder: Inode, name: string, inode: Inode | undefined): void {
    const before = folder.entries.get(name);
    if (before) before.links -= 1;
    if (inode) {
      inode.links += 1;
      folder.entries.set(name, inode);
    } else folder.entries.delete(name);
    folder.past.set(name, [...(folder.past.get(name) ?? [before]), inode]);
  }

  /** `/fd/7/a/b` begins at the folder that is open as 7. */
  #find(file: string): Inode {
    const parts = file.split('/').filter((part) => part !== '');
    const isHeld = parts[0] === 'fd';
    let at = isHeld ? this.#open.get(Number(parts[1])) : this.#root;
    for (const part of parts.slice(isHeld ? 2 : 0)) {
      if (at && !at.isFolder) throw systemError('ENOTDIR', file);
      at = at?.entries.get(part);
    }
    if (!at) throw systemError('ENOENT', file);
    return at;
  }

  #parent(file: string): { folder: Inode; name: string } {
    const folder = this.#find(path.posix.dirname(file));
    if (!folder.isFolder) throw systemError('ENOTDIR', file);
    return { folder, name: path.posix.basename(file) };
  }

  #opened(inode: Inode): OpenFolder {
    this.#lastId += 1;
    const number = this.#lastId;
    this.#open.set(number, inode);
    return {
      path: `/fd/${number}`,
      place: async () => undefined,
      stat: () => this.#step('fstat').then(() => factsOf(inode)),
      readFile: () => this.#step('read').then(() => Buffer.from(inode.content)),
      write: async (bytes, offset, length, position) => {
        await this.#step('write', String(length));
        // The system may take less than it is given.
        const taken = length > 1 && this.#random() < 0.2 ? Math.ceil(length / 2) : length;
        writeTo(inode, Buffer.from(bytes).subarray(offset, offset + taken), position);
        return { bytesWritten: taken };
      },
      truncate: async (length) => {
        await this.#step('truncate', String(length));
        const kept = inode.content.subarray(0, length);
        inode.content = Buffer.concat([kept, Buffer.alloc(length - kept.length)]);
      },
      chmod: async (mode) => {
        await this.#step('chmod');
        inode.mode = mode;
      },
      datasync: () => this.#sync('datasync', inode),
      sync: () => this.#sync('sync', inode),
      close: async () => {
        this.#open.delete(number);
        await this.#step('close');
      },
    };
  }

  async #sync(name: string, inode: Inode): Promise<void> {
    try {
      await this.#step(name);
    } catch (error) {
      // Linux marks the pages clean: a second sync would succeed and write nothing.
      if (error instanceof Crash) throw error;
      const spoiled = this.#trouble.spoils ? [...inode.dirty] : [];
      for (const sector of spoiled) inode.durable.subarray(sector * SECTOR, (sector + 1) * SECTOR).fill(0xff);
      inode.dirty.clear();
      throw error;
    }
    if (inode.isFolder) {
      inode.durableEntries = new Map(inode.entries);
      inode.past.clear();
      return;
    }
    const before = inode.durable;
    inode.durable = Buffer.alloc(inode.content.length);
    before.copy(inode.durable);
    for (const sector of inode.dirty) copySector(inode.content, inode.durable, sector * SECTOR);
    inode.dirty.clear();
  }
}

function writeTo(inode: Inode, bytes: Buffer, position: number): void {
  const end = position + bytes.length;
  if (inode.content.length < end)
    inode.content = Buffer.concat([inode.content, Buffer.alloc(end - inode.content.length)]);
  bytes.copy(inode.content, position);
  for (let sector = Math.floor(position / SECTOR); sector * SECTOR < end; sector += 1) inode.dirty.add(sector);
}

function copySector(from: Buffer, to: Buffer, at: number): void {
  from.subarray(at, at + SECTOR).copy(to, at);
}

function factsOf(inode: Inode): Facts {
  return {
    isFile: () => !inode.isFolder,
    isDirectory: () => inode.isFolder,
    isSymbolicLink: () => false,
    size: inode.content.length,
    mode: inode.mode,
    nlink: inode.links,
    ino: inode.id,
    mtimeMs: 0,
    ctimeMs: 0,
  };
}

/** What is left of a file or folder, with all below it. */
function reborn(inode: Inode, drop: Drop, random: () => number, known: Map<Inode, Inode>): Inode {
  const before = known.get(inode);
  if (before) return before;
  const content = inode.isFolder ? Buffer.alloc(0) : survivingBytes(inode, drop, random);
  const after: Inode = {
    ...inode,
    links: 0,
    content,
    durable: Buffer.from(content),
    dirty: new Set(),
    entries: new Map(),
    durableEntries: new Map(),
    past: new Map(),
  };
  known.set(inode, after);
  for (const name of new Set([...inode.durableEntries.keys(), ...inode.entries.keys()])) {
    const child = pick(inode.past.get(name) ?? [inode.durableEntries.get(name)], drop, random);
    if (!child) continue;
    const kept = reborn(child, drop, random, known);
    kept.links += 1;
    after.entries.set(name, kept);
    after.durableEntries.set(name, kept);
  }
  return after;
}

/** Every sector is the old or the new one; the length is that of before, of now, or something between. */
function survivingBytes({ content, durable }: Inode, drop: Drop, random: () => number): Buffer {
  const [least, most] = [durable.length, content.length].toSorted((a, b) => a - b) as [number, number];
  const between = least + Math.floor(random() * (most - least + 1));
  const length = pick([durable.length, between, content.length], drop, random);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += SECTOR) {
    copySector(pick([durable, content], drop, random), bytes, at);
  }
  return bytes;
}

function pick<T>(choices: readonly T[], drop: Drop, random: () => number): T {
  const at =
    drop === 'forgets all' ? 0 : drop === 'keeps all' ? choices.length - 1 : Math.floor(random() * choices.length);
  return choices[at] as T;
}

function systemError(code: string, where: string): Error {
  return Object.assign(new Error(`${code}: the test disk says so, call '${where}'`), { code });
}
