import type { Author } from '../../base/author.ts';

/** Who made a commit, why, and when (now, when absent). */
export interface CommitMeta {
  readonly author: Author;
  readonly message: string;
  readonly at?: Date;
}

/** A commit as history shows it. `id`, `parents` and `tree` are 40 hexadecimal digits. */
export interface Commit {
  readonly id: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly author: { readonly name: string; readonly email: string; readonly at: Date };
  readonly message: string;
}

/** A commit in the history of one file: `path` is the name that the file had there. */
export interface LogEntry extends Commit {
  readonly path?: string;
}

/** Plain file, executable, symbolic link, submodule. Folders are walked, never listed. */
export type Mode = '100644' | '100755' | '120000' | '160000';

/** A file of a commit. A name that is not UTF-8 holds U+FFFD and cannot be read by its path. */
export interface TreeFile {
  readonly path: string;
  readonly mode: Mode;
  readonly id: string;
}

export interface FileChange {
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'removed';
  readonly before?: TreeFile;
  readonly after?: TreeFile;
}

/** Where the person has put the repository. */
export interface Standing {
  /** Commit of the branch; undefined: none yet. */
  readonly head: string | undefined;
  /** Why nothing may be committed now: `HEAD is on "other"`, `a merge is under way`. */
  readonly away?: string;
}

export interface BlameLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly commit: string;
  readonly author: string;
  readonly at: Date;
}

/** What can be asked of commits, wherever their objects lie. Ids are full; an unknown one throws COMMIT_MISSING. */
export interface Commits {
  commitOf(id: string): Promise<Commit>;
  /** Every file of a commit, in the order of git. */
  files(commit: string): Promise<TreeFile[]>;
  /** The bytes of a file, of a link its target; undefined when there is none. */
  read(commit: string, path: string): Promise<Buffer | undefined>;
  /** Newest first, from `from` or else the branch. With `path` only commits that changed this file, renames followed. */
  log(options: { path?: string; limit: number; from?: string }): Promise<LogEntry[]>;
  /** Files that differ, by path; from nothing when `from` is undefined. Renames are a removal and an addition. */
  changed(from: string | undefined, to: string): Promise<FileChange[]>;
  isAncestor(old: string, next: string): Promise<boolean>;
  /** Three-way merge without a work tree. Paths of conflicts are sorted. */
  merge(ours: string, theirs: string): Promise<{ tree: string } | { conflicts: string[] }>;
  /** Writes a commit object for a tree that exists; moves nothing. */
  writeCommit(tree: string, parents: readonly string[], meta: CommitMeta): Promise<string>;
}

/**
 * The git repository of one folder. Git itself never runs with the repository's own configuration: what is frequent is done
 * here, the rest by git in a repository of the server that borrows the objects. Throws GIT_UNTRUSTED where a repository
 * reaches out of its own folder (links, alternates, a .git that is a file), GIT_MISSING where git is needed and absent.
 */
export interface Repository extends Commits {
  /** The work tree, absolute. */
  readonly folder: string;
  readonly branch: 'main' | 'memory';
  exists(): Promise<boolean>;
  /** Makes it when absent; makes sure that git leaves memory and unfinished files alone. Starts no process. */
  init(): Promise<void>;
  standing(): Promise<Standing>;
  /**
   * Commits exactly these paths (content, or undefined to remove) onto the branch; the rest of the tree stays. The caller
   * has written the files before. Keeps the index in step. Answers the new id, the old one when nothing differs. Throws
   * GIT_MOVED when the person is away from the branch, or the branch is not at `expect`.
   */
  commit(
    changes: ReadonlyMap<string, Uint8Array | string | undefined>,
    meta: CommitMeta,
    expect?: string,
  ): Promise<string>;
  /** Commits everything in the work tree that differs from the branch; undefined when nothing does. Files are taken byte by byte. */
  commitAll(meta: CommitMeta): Promise<string | undefined>;
  /** Paths that differ between work tree and branch now, sorted; ignored files, memory and nested repositories left out. `pause` is waited for between a few files and the next. */
  dirty(pause?: () => Promise<void>): Promise<string[]>;
  /** Full id of the commit that a branch, a tag, `HEAD`, or a full or unique short id names; `~2` and `^` may follow. */
  resolve(name: string): Promise<string | undefined>;
  /** Unified text of `git diff` with renames, at most 2 MB; a last line says when it was cut. */
  diff(from: string | undefined, to: string, path?: string): Promise<string>;
  blame(commit: string, path: string): Promise<BlameLine[]>;
  /**
   * Moves a full ref name (`refs/heads/…`, `refs/tags/…`) with compare-and-swap; `from` undefined: it must not exist,
   * `to` undefined: it is deleted. Throws GIT_MOVED.
   */
  move(ref: string, from: string | undefined, to: string | undefined, why: string): Promise<void>;
  /** Branches and tags: full name to id. */
  refs(): Promise<ReadonlyMap<string, string>>;
  /** After files on disk were written for `commit`: makes the index agree with it. */
  settleIndex(commit: string): Promise<void>;
  /** A place for objects that are not accepted yet. Reads through it see the repository's objects too. */
  quarantine(): Promise<Quarantine>;
  /** Answers a clone or a fetch: what `git upload-pack --stateless-rpc` says, without the service line in front. */
  upload(request: UploadRequest): Promise<NodeJS.ReadableStream>;
  /** Packs loose objects and drops old unreachable ones; for quiet times. Does nothing while a quarantine is open. */
  tidy(): Promise<void>;
  /** What git fsck finds wrong, a line each; empty when all is well. */
  verify(): Promise<string[]>;
}

export interface UploadRequest {
  readonly advertise: boolean;
  /** The Git-Protocol header: `version=2`. */
  readonly protocol?: string;
  /** The body, already unzipped. */
  readonly body?: NodeJS.ReadableStream;
  readonly signal: AbortSignal;
}

export interface Quarantine extends AsyncDisposable, Commits {
  /**
   * Takes in a pack, each object checked. Throws PUSH_TOO_LARGE above `limit` bytes (the rest of the stream is read and
   * thrown away), PUSH_BROKEN with git's words.
   */
  take(pack: NodeJS.ReadableStream, limit: number, signal: AbortSignal): Promise<void>;
  /** Whether everything that this commit or tag needs is here or in the repository. */
  isComplete(id: string): Promise<boolean>;
  /** Bytes of objects, without reading them; those that are not here are left out. */
  sizes(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Moves the objects into the repository, for good. Disposing without it throws them away. */
  accept(): Promise<void>;
}

/** What of a commit from elsewhere must not become files here: a file and a word on it, each. */
export type Refuse = (
  commits: Quarantine,
  commit: string,
) => Promise<readonly { readonly file: string; readonly message: string }[]>;

/** All repositories of a home, and the git program behind them. */
export interface Repositories extends AsyncDisposable {
  /** The repository of a folder. `id` names the server's own borrowing repository. Nothing is opened before use. */
  of(folder: string, id: string, branch?: 'main' | 'memory'): Repository;
  /**
   * Fetches a repository (https, http, git, ssh, or the path of a folder) into a folder that is absent or empty: its HEAD
   * becomes `main` and its files are written. Answers the commit. Throws CLONE_REFUSED on an address, a size or a tree that
   * must not become a bot, CLONE_FAILED with git's words.
   */
  clone(url: string, folder: string, signal: AbortSignal): Promise<string>;
  /** Whether git is there and new enough, asked once. */
  git(): Promise<GitVersion>;
}

export interface GitVersion {
  readonly ok: boolean;
  readonly version?: string;
  /** One sentence, when not ok. */
  readonly why?: string;
}
