import type { BigIntStats } from 'node:fs';
import { link, lstat, mkdir, open, readFile, rename, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../base/fault.ts';
import { createId } from '../../base/ids.ts';
import { syncFolder } from '../disk.ts';

/** How long to wait for a git of the person, in milliseconds; most hold a lock for a few. */
const PATIENCE_MS = 1500;
/** A lock of another process of ours that still lives counts as held for this long. */
const FOREIGN_MS = 30_000;
const MARK = 'bnity-lock.';
/** As many as the system takes in one call. */
const PIECES_AT_ONCE = 1000;

const held = new Set<string>();

/** A lock on a file of a repository, as git takes it: `<file>.lock`, made only when absent. */
export interface GitLock {
  /** Writes the new content, still beside the file. */
  write(content: string | readonly Buffer[]): Promise<void>;
  /** What the system says of what was written. */
  stat(): Promise<BigIntStats>;
  /** Makes what was written the file, for good, and lets go. */
  commit(): Promise<void>;
  /** The same for a file that can be made again: a power cut may lose it. */
  commitUnsynced(): Promise<void>;
  /** Lets go; nothing happens after a commit. */
  release(): Promise<void>;
}

/**
 * Takes the lock of a file of a .git folder (`index`, `refs/heads/main`). The lock is a hard link to a file of ours in the
 * .git folder, so that after a crash ours can be told from one that a person's git holds. Throws GIT_MOVED when it stays held.
 */
export async function takeLock(gitDir: string, name: string): Promise<GitLock> {
  const target = path.join(gitDir, name);
  const mark = `${MARK}${process.pid}.${createId()}.${name.replaceAll('/', '%2F')}`;
  const own = path.join(gitDir, mark);
  held.add(own);
  let handle: FileHandle | undefined;
  try {
    handle = await open(own, 'wx', 0o644);
    const isLinked = await takePatiently(own, target, name);
    if (!isLinked) {
      await handle.close();
      handle = await open(`${target}.lock`, 'r+');
    }
  } catch (error) {
    await handle?.close();
    await unlink(own).catch(() => undefined);
    held.delete(own);
    throw Fault.from(error);
  }
  return new HeldLock(own, target, handle);
}

/** Whether this process holds the lock of a file now. */
export function isOurs(gitDir: string, name: string): boolean {
  const end = `.${name.replaceAll('/', '%2F')}`;
  return [...held].some((own) => path.dirname(own) === gitDir && own.endsWith(end));
}

/**
 * Puts away locks that a process of ours left when it was killed. `mayFinish` is asked whether the content of a left lock of
 * the index is what the branch holds: then the interrupted step is completed, else undone. Answers whether there were any.
 */
export async function clearLeftLocks(
  gitDir: string,
  names: Iterable<string>,
  mayFinish: (content: Buffer) => Promise<boolean>,
): Promise<boolean> {
  let isCleared = false;
  for (const mark of names) {
    if (!mark.startsWith(MARK)) continue;
    const own = path.join(gitDir, mark);
    if (held.has(own)) continue;
    const found = await lstat(own).catch(() => undefined);
    const [, pid, encoded = ''] = /^(\d+)\.[^.]+\.(.+)$/.exec(mark.slice(MARK.length)) ?? [];
    const name = encoded.replaceAll('%2F', '/');
    if (!found?.isFile() || !pid || !isLockable(name)) continue;
    if (isAlive(Number(pid)) && Date.now() - found.ctimeMs < FOREIGN_MS) continue;
    const target = path.join(gitDir, name);
    const lock = await lstat(`${target}.lock`).catch(() => undefined);
    if (lock?.ino === found.ino && lock.dev === found.dev) {
      const isDone = name === 'index' && (await mayFinish(await readFile(own)).catch(() => false));
      // Another look may be at it in this moment.
      await (isDone ? rename(`${target}.lock`, target) : unlink(`${target}.lock`)).catch(unlessMissing);
    }
    await unlink(own).catch(unlessMissing);
    isCleared = true;
  }
  return isCleared;
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw Fault.from(error);
}

/** A mark is only a name in a folder that is not trusted: it must not lead anywhere else. */
function isLockable(name: string): boolean {
  return /^(index|packed-refs|refs\/(heads|tags)\/.+)$/.test(name) && !name.split('/').includes('..');
}

class HeldLock implements GitLock {
  readonly #own: string;
  readonly #target: string;
  readonly #handle: FileHandle;
  #isOver = false;

  constructor(own: string, target: string, handle: FileHandle) {
    this.#own = own;
    this.#target = target;
    this.#handle = handle;
  }

  async write(content: string | readonly Buffer[]): Promise<void> {
    const pieces = typeof content === 'string' ? [Buffer.from(content)] : content;
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    for (let from = 0; from < pieces.length; from += PIECES_AT_ONCE) {
      await this.#handle.writev(pieces.slice(from, from + PIECES_AT_ONCE));
    }
    const { size: written } = await this.#handle.stat();
    if (written !== size) throw new Fault('DISK_FULL', `${this.#target}.lock could not be written whole.`);
  }

  stat(): Promise<BigIntStats> {
    return this.#handle.stat({ bigint: true });
  }

  async commit(): Promise<void> {
    await this.#handle.sync();
    await this.commitUnsynced();
    await syncFolder(path.dirname(this.#target));
  }

  async commitUnsynced(): Promise<void> {
    await rename(`${this.#target}.lock`, this.#target);
    await this.#end();
  }

  async release(): Promise<void> {
    if (this.#isOver) return;
    await unlink(`${this.#target}.lock`).catch(() => undefined);
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    await Promise.all([this.#handle.close(), unlink(this.#own).catch(() => undefined)]);
    held.delete(this.#own);
  }
}

/** Answers whether the lock is a link to our own file; a file system that has no such links gets a file by itself. */
async function takePatiently(own: string, target: string, name: string): Promise<boolean> {
  let isLinked = true;
  for (const deadline = performance.now() + PATIENCE_MS; ;) {
    try {
      await (isLinked ? link(own, `${target}.lock`) : writeFile(`${target}.lock`, '', { flag: 'wx' }));
      return isLinked;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') await mkdir(path.dirname(target), { recursive: true });
      else if (code === 'ENOTDIR') throw new Fault('GIT_MOVED', `${name} cannot stand beside what is there.`);
      else if (isLinked && linkless.has(code)) isLinked = false;
      else if (code !== 'EEXIST') throw error;
      else if (performance.now() < deadline) await sleep(10 + Math.random() * 20);
      else {
        const why = 'another git is at work in the repository, or left it behind';
        throw new Fault('GIT_MOVED', `${name}.lock is held: ${why}.`);
      }
    }
  }
}

const linkless = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
