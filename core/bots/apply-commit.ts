import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Author } from '../base/author.ts';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import type { Home } from '../files/home.ts';
import type { FileChange, Repository } from '../files/git/repository.ts';
import { stageFiles, swapFiles } from './swap-files.ts';

const FOLDER = '.boternity/deploys';
const STAGING = '.boternity/staging';

/** A commit that is about to become live in a bot's folder. */
export interface Intent {
  readonly slug: string;
  readonly branch: 'main' | 'memory';
  readonly from: string | undefined;
  readonly to: string;
}

/** The way of a branch from one commit to the next. */
interface Moved extends Pick<Intent, 'from' | 'to'> {
  readonly changes: readonly FileChange[];
}

/** A remembered intent. Disposing forgets it: the work is done, or undone. */
interface Remembered extends AsyncDisposable {
  /** A folder for its files on the same disk; removed with it. */
  readonly staging: string;
  /** Writes the intent to disk: from now on the next start finishes it, if this one does not. */
  remember(): Promise<void>;
  /** Leaves the intent for the next start. */
  leave(): void;
}

function beginIntent(home: Home, intent: Intent): Remembered {
  const id = createId();
  const file = `${FOLDER}/${id}.json`;
  const staging = path.join(home.path, STAGING, `deploy.${id}`);
  let isLeft = false;
  return {
    staging,
    remember: () => home.files.write(file, `${JSON.stringify(intent)}\n`),
    leave: () => (isLeft = true),
    async [Symbol.asyncDispose]() {
      if (!isLeft) await home.files.remove(file);
      await rm(staging, { recursive: true, force: true });
    },
  };
}

/** Moves the branch and writes the files; both or none, also over a crash. Gives the files that were edited this very moment and stay. */
export async function applyCommit(
  home: Home,
  { slug, branch }: Pick<Intent, 'slug' | 'branch'>,
  repository: Repository,
  { from, to, changes }: Moved,
  by: Author,
): Promise<string[]> {
  const ref = `refs/heads/${branch}`;
  await using intent = beginIntent(home, { slug, branch, from, to });
  const staged = await stageFiles(repository, to, changes, intent.staging);
  await intent.remember();
  await repository.move(ref, from, to, `push by ${by.name}`);
  try {
    const kept = await swapFiles(repository.folder, changes, staged);
    await repository.settleIndex(to);
    return kept;
  } catch (error) {
    try {
      const reversed = changes.map(({ path, before, after }) => reverse(path, before, after));
      const old =
        from === undefined
          ? new Map()
          : await stageFiles(repository, from, reversed, path.join(intent.staging, 'back'));
      await swapFiles(repository.folder, reversed, old);
      await repository.move(ref, to, from, 'push could not be applied');
    } catch {
      intent.leave();
    }
    throw error;
  }
}

function reverse(path: string, before: FileChange['before'], after: FileChange['after']): FileChange {
  const kind = before ? (after ? 'changed' : 'added') : 'removed';
  return { path, kind, ...(after && { before: after }), ...(before && { after: before }) };
}

/**
 * Finishes what a stopped server left half done: where the branch stands on the new commit its files are written, where it does
 * not, nothing has happened yet. Call it at the start, before edits on disk are looked for.
 */
export async function finishDeploys(
  home: Home,
  repositoryOf: (place: Pick<Intent, 'slug' | 'branch'>) => Repository | Promise<Repository>,
): Promise<void> {
  for (const { name } of await home.files.list(STAGING)) {
    if (name.startsWith('deploy.')) await home.files.remove(`${STAGING}/${name}`);
  }
  let isAllDone = true;
  for (const { name } of await home.files.list(FOLDER)) {
    const file = `${FOLDER}/${name}`;
    try {
      const intent = JSON.parse((await home.files.read(file))?.toString() ?? '') as Intent;
      await finish(home, intent, await repositoryOf(intent));
      await home.files.remove(file);
    } catch (error) {
      // What was to become a bot had not become one.
      if (Fault.from(error).code === 'BOT_MISSING') continue;
      isAllDone = false;
      home.log.error('A push that was being applied when the server stopped could not be finished', { file, error });
    }
  }
  // With it goes what was never fully written.
  if (isAllDone) await home.files.remove(FOLDER);
}

async function finish(home: Home, intent: Intent, repository: Repository): Promise<void> {
  const { from, to, slug } = intent;
  const { head } = await repository.standing();
  if (head !== to) return;
  const changes = await repository.changed(from, to);
  await using again = beginIntent(home, intent);
  const kept = await swapFiles(repository.folder, changes, await stageFiles(repository, to, changes, again.staging));
  await repository.settleIndex(to);
  home.log.info('A push that was being applied when the server stopped is finished', { bot: slug, commit: to, kept });
}
