/** What is known of a file or folder without reading it. Times in milliseconds since 1970. */
export interface FileStat {
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modifiedMs: number;
  /** Time of the last change of content or metadata; no program can set it back. */
  readonly changedMs: number;
  readonly inode: number;
}

export interface FileName {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/**
 * The whole store, in five methods. Paths are relative to its root with `/` between names; a path that leaves the root
 * is refused with PATH_REFUSED, also where a symbolic link leads out. A write that has answered is on disk, whole.
 */
export interface Files {
  /** Names in a folder, sorted. Empty when there is no such folder. Temporary files are left out. */
  list(path: string): Promise<FileName[]>;
  stat(path: string): Promise<FileStat | undefined>;
  /** The whole file, or undefined when there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** Replaces or creates the file, and the folders above it, in one step: readers see the old or the new, never a part. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Removes a file or a folder with all it holds. Nothing happens when there is none. */
  remove(path: string): Promise<void>;
}
