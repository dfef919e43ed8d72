import { Fault } from '../base/fault.ts';
import type { FileName, Files } from './files.ts';
import { storePath } from './store-path.ts';

/** The store in memory, for tests and dry runs. Keeps the contract of the disk. */
export function createMemoryFiles(initial: Record<string, string> = {}): Files {
  const files = new Map<string, { content: Buffer; at: number; inode: number }>();
  /** A folder stays when its last file goes, as on a disk. */
  const folders = new Set<string>(['']);
  let inodes = 0;
  const put = (path: string, content: string | Uint8Array): void => {
    if (folders.has(path)) throw new Fault('FILE_INVALID', `${path || 'The root'} cannot be written: it is a folder.`);
    const above = foldersAbove(path);
    const blocked = above.find((folder) => files.has(folder));
    if (blocked !== undefined) {
      throw new Fault('FILE_INVALID', `${path} cannot be written: a file stands where a folder is needed.`);
    }
    for (const folder of above) folders.add(folder);
    inodes += 1;
    files.set(path, { content: Buffer.from(content), at: Date.now(), inode: inodes });
  };
  for (const [path, content] of Object.entries(initial)) put(storePath(path), content);

  return {
    async list(given) {
      const folder = storePath(given);
      const start = folder === '' ? '' : `${folder}/`;
      const nameIn = (path: string): string | undefined => {
        const name = path.startsWith(start) ? path.slice(start.length) : '';
        return name === '' || name.includes('/') ? undefined : name;
      };
      const named = (kind: FileName['kind']) => (path: string) => {
        const name = nameIn(path);
        return name === undefined ? [] : [{ name, kind }];
      };
      const found = [...[...files.keys()].flatMap(named('file')), ...[...folders].flatMap(named('folder'))];
      return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async stat(given) {
      const path = storePath(given);
      const file = files.get(path);
      if (file) {
        return { kind: 'file', size: file.content.length, modifiedMs: file.at, changedMs: file.at, inode: file.inode };
      }
      return folders.has(path) ? { kind: 'folder', size: 0, modifiedMs: 0, changedMs: 0, inode: 0 } : undefined;
    },
    async read(given) {
      const path = storePath(given);
      if (folders.has(path))
        throw new Fault('FILE_INVALID', `${path || 'The root'} cannot be read: it is no plain file.`);
      const file = files.get(path);
      return file && Buffer.from(file.content);
    },
    async write(given, content) {
      put(storePath(given), content);
    },
    async remove(given) {
      const path = storePath(given);
      if (path === '') throw new Fault('PATH_REFUSED', 'The root of a store cannot be removed.');
      for (const kept of [files, folders]) {
        for (const key of kept.keys()) if (key === path || key.startsWith(`${path}/`)) kept.delete(key);
      }
    },
  };
}

/** `a/b/c` → the root, `a`, `a/b`. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, at) => parts.slice(0, at + 1).join('/'))];
}
