import { Fault } from '../base/fault.ts';
import type { FileName, Files } from './files.ts';
import { storePath } from './store-path.ts';

/** The store in memory, for tests and dry runs. Keeps the contract of the disk. */
export function createMemoryFiles(initial: Record<string, string> = {}): Files {
  const files = new Map<string, { content: Buffer; at: number; inode: number }>();
  let inodes = 0;
  const put = (path: string, content: string | Uint8Array): void => {
    inodes += 1;
    files.set(storePath(path), { content: Buffer.from(content), at: Date.now(), inode: inodes });
  };
  for (const [path, content] of Object.entries(initial)) put(path, content);
  const below = (folder: string): string[] =>
    [...files.keys()].filter((key) => folder === '' || key.startsWith(`${folder}/`));

  return {
    async list(given) {
      const folder = storePath(given);
      const names = new Map<string, FileName>();
      for (const key of below(folder)) {
        const [name = '', ...deeper] = key.slice(folder === '' ? 0 : folder.length + 1).split('/');
        names.set(name, { name, kind: deeper.length > 0 ? 'folder' : 'file' });
      }
      return [...names.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async stat(given) {
      const path = storePath(given);
      const file = files.get(path);
      if (file) {
        return { kind: 'file', size: file.content.length, modifiedMs: file.at, changedMs: file.at, inode: file.inode };
      }
      if (path !== '' && below(path).length === 0) return undefined;
      return { kind: 'folder', size: 0, modifiedMs: 0, changedMs: 0, inode: 0 };
    },
    async read(given) {
      const file = files.get(storePath(given));
      return file && Buffer.from(file.content);
    },
    async write(given, content) {
      put(given, content);
    },
    async remove(given) {
      const path = storePath(given);
      if (path === '') throw new Fault('PATH_REFUSED', 'The root of a store cannot be removed.');
      for (const key of [path, ...below(path)]) files.delete(key);
    },
  };
}
