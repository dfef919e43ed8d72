import { globSync } from 'node:fs';
import path from 'node:path';

/** One place where a tree breaks a rule of the house. */
export interface Violation {
  readonly rule: string;
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

const left = new Set(['node_modules', '.git', 'dist', '.tap', 'home', 'coverage', 'public/build', 'test/fixtures']);

/** Files of the product, with `/` between folders; what is made, installed or kept as a test's material is left out. */
export function listFiles(root: string, patterns: readonly string[]): string[] {
  const exclude = (entry: { name: string; parentPath: string }): boolean =>
    left.has(path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  return globSync([...patterns], { cwd: root, withFileTypes: true, exclude })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .toSorted();
}
