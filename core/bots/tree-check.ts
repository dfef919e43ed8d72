import type { Quarantine, Repository, TreeFile } from '../files/git/repository.ts';
import { checkMemoryTree, checkTree, type Refusal } from './tree-rules.ts';

/** Bytes of the target of a link; no system follows a longer one. */
const LONGEST_TARGET = 4_096;

/** What the tree of a commit has that no bot may have, however it came: by push, by clone, by a commit in the folder. */
export async function treeRefusals(
  commits: Pick<Repository, 'files' | 'read'> & Partial<Pick<Quarantine, 'sizes'>>,
  commit: string,
  branch: 'main' | 'memory' = 'main',
  entries?: readonly TreeFile[],
): Promise<Refusal[]> {
  const files = entries ?? (await commits.files(commit));
  if (branch === 'memory') return checkMemoryTree(files);
  const links = files.filter(({ mode }) => mode === '120000');
  const sizes = await commits.sizes?.(links.map(({ id }) => id));
  const targets = new Map<string, string>();
  for (const { path, id } of links) {
    const isLong = (sizes?.get(id) ?? 0) > LONGEST_TARGET;
    const target = isLong ? '' : ((await commits.read(commit, path))?.toString() ?? '');
    targets.set(path, target.length > LONGEST_TARGET ? '' : target);
  }
  return checkTree(files, targets);
}
