import path from 'node:path';
import { emptyIndex, parseIndex, type IndexChange, type IndexFile } from './index-file.ts';
import { patchIndex } from './index-patch.ts';
import { takeLock, type GitLock } from './lock.ts';
import { readPlain, type PlainFile } from './objects.ts';

/** The index of a repository. One that was written here is not checked again. */
export class BotIndex {
  readonly #gitDir: string;
  #written: string | undefined;

  constructor(gitDir: string) {
    this.#gitDir = gitDir;
  }

  /** Undefined when there is none, or one that is damaged. */
  async read(): Promise<IndexFile | undefined> {
    const found = await readPlain(path.join(this.#gitDir, 'index'));
    return found && parseIndex(found.content, found.stat.mtimeNs, this.#written === signOf(found.stat));
  }

  lock(): Promise<GitLock> {
    return takeLock(this.#gitDir, 'index');
  }

  /** Writes an index with some paths changed into a lock; it becomes the index when the lock is committed. */
  async write(
    lock: GitLock,
    index: IndexFile | undefined,
    changes: ReadonlyMap<string, IndexChange>,
    tree: string | undefined,
  ): Promise<void> {
    await lock.write(await patchIndex(index ?? emptyIndex(), changes, tree));
    this.#written = signOf(await lock.stat());
  }
}

function signOf({ ino, size, mtimeNs }: PlainFile['stat']): string {
  return `${ino} ${size} ${mtimeNs}`;
}
