import { constants, existsSync, type Stats } from 'node:fs';
import {
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rmdir,
  stat,
  unlink,
  type FileHandle,
} from 'node:fs/promises';

/** What the system knows of a file or folder. */
export type Facts = Pick<
  Stats,
  'isFile' | 'isDirectory' | 'isSymbolicLink' | 'size' | 'mode' | 'nlink' | 'ino' | 'mtimeMs' | 'ctimeMs'
>;

/** Something that is open: a file, or a folder whose names can be made durable. */
export interface OpenFile {
  /** Where it is now by the word of the system, links followed; undefined where the system does not tell. */
  place(): Promise<string | undefined>;
  stat(): Promise<Facts>;
  readFile(): Promise<Buffer>;
  /** May write less than it was given, as the system does. */
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenFolder extends OpenFile {
  /** Leads to this very folder as long as it is open, whatever its name comes to stand for meanwhile. */
  readonly path: string;
}

/** A name in a folder, as the system tells it. */
export interface FolderEntry {
  readonly name: string;
  isDirectory(): boolean;
}

/**
 * Every call of the operating system that the store and the journals make. Tests put a disk of their own in its place, which
 * counts, refuses, or forgets what was not synced. All reject with the system's own errors (`code: 'ENOSPC'`).
 */
export interface SystemCalls {
  /** Opens a file by the flags of open(2). A link in the last place is never followed. */
  open(path: string, flags: number, mode?: number): Promise<OpenFile>;
  /** Opens a folder. A link in the last place is never followed. */
  openFolder(path: string): Promise<OpenFolder>;
  readdir(path: string): Promise<FolderEntry[]>;
  realpath(path: string): Promise<string>;
  stat(path: string): Promise<Facts>;
  lstat(path: string): Promise<Facts>;
  /** Makes one folder. */
  mkdir(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Removes an empty folder. */
  rmdir(path: string): Promise<void>;
}

/** Where Linux shows what this process has open; a path through it is not looked up again. */
const OPEN_FILES = '/proc/self/fd';
const hasOpenFiles = process.platform === 'linux' && existsSync(OPEN_FILES);

/** The calls of the machine itself. */
export const systemCalls: SystemCalls = {
  open: async (path, flags, mode) => opened(await open(path, flags | constants.O_NOFOLLOW, mode)),
  async openFolder(path) {
    if (process.platform === 'win32') return namedFolder(path);
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    return { ...opened(handle), path: hasOpenFiles ? `${OPEN_FILES}/${handle.fd}` : path };
  },
  readdir: (path) => readdir(path, { withFileTypes: true }),
  realpath,
  stat,
  lstat,
  mkdir: (path) => mkdir(path),
  rename,
  unlink,
  rmdir,
};

function opened(handle: FileHandle): OpenFile {
  return {
    place: async () => (hasOpenFiles ? readlink(`${OPEN_FILES}/${handle.fd}`) : undefined),
    stat: () => handle.stat(),
    readFile: () => handle.readFile(),
    write: (bytes, offset, length, position) => handle.write(bytes, offset, length, position),
    truncate: (length) => handle.truncate(length),
    chmod: (mode) => handle.chmod(mode),
    datasync: () => handle.datasync(),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

/** Windows makes names durable by itself and opens no folders. */
async function namedFolder(path: string): Promise<OpenFolder> {
  if (!(await lstat(path)).isDirectory())
    throw Object.assign(new Error('ENOTDIR: not a directory'), { code: 'ENOTDIR' });
  const nothing = async (): Promise<void> => undefined;
  const refuse = (): Promise<never> => Promise.reject(new Error('A folder has no bytes.'));
  return {
    path,
    place: async () => undefined,
    stat: () => stat(path),
    readFile: refuse,
    write: refuse,
    truncate: refuse,
    chmod: nothing,
    datasync: nothing,
    sync: nothing,
    close: nothing,
  };
}

/** Whether an error of the system says that there is no such file. */
export function isMissingFile(error: unknown): boolean {
  return isSystemError(error, 'ENOENT', 'ENOTDIR');
}

export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
