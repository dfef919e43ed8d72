import { Fault } from '../../base/fault.ts';
import { storePath } from '../store-path.ts';

/** Code points that some file systems leave out of names: `.g\u200cit` is `.git` there. */
const ignored = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;

/** Whether a name of a file means `.git` on any file system. */
export function isGitName(name: string): boolean {
  const plain = name.replaceAll(ignored, '').toLowerCase();
  return /^(\.git|git~1)[ .]*(:.*)?$/.test(plain);
}

/** The path as git keeps it. Throws PATH_REFUSED on what leaves the folder or enters a .git. */
export function gitPath(path: string): string {
  const plain = storePath(path);
  if (plain === '' || plain.split('/').some(isGitName)) {
    throw new Fault('PATH_REFUSED', `The path ${JSON.stringify(path.slice(0, 200))} is not allowed in a commit.`);
  }
  return plain;
}
