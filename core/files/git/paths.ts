import { Fault } from '../../base/fault.ts';
import { foldName } from '../fold-name.ts';
import { storePath } from '../store-path.ts';

/** Whether a name of a file means `.git` on any file system: `.GIT`, `.git.`, `.git::$DATA`, `git~1`, with characters that count for nothing. */
export function isGitName(name: string): boolean {
  return /^(\.git|git~\d+)$/.test(foldName(foldName(name).split(':')[0] ?? ''));
}

/** The path as git keeps it. Throws PATH_REFUSED on what leaves the folder or enters a .git. */
export function gitPath(path: string): string {
  const plain = storePath(path);
  if (plain === '' || plain.split('/').some(isGitName)) {
    throw new Fault('PATH_REFUSED', `The path ${JSON.stringify(path.slice(0, 200))} is not allowed in a commit.`);
  }
  return plain;
}
