import type { FileName } from '../files/files.ts';
import type { Repository, TreeFile } from '../files/git/repository.ts';
import type { Home } from '../files/home.ts';

/** Where the files of a bot are read from: its folder, or a commit. Paths are from the bot folder. */
export interface Source {
  read(path: string): Promise<Buffer | undefined>;
  list(folder: string): Promise<readonly FileName[]>;
}

/** The folder as it is. */
export function folderSource(home: Home, slug: string): Source {
  return {
    read: (path) => home.files.read(`bots/${slug}/${path}`),
    list: (folder) => home.files.list(folder === '' ? `bots/${slug}` : `bots/${slug}/${folder}`),
  };
}

/** The tree of a commit. */
export function commitSource(repository: Repository, commit: string): Source {
  let files: Promise<TreeFile[]> | undefined;
  return {
    read: (path) => repository.read(commit, path),
    async list(folder) {
      const names = new Map<string, FileName>();
      for (const { path } of await (files ??= repository.files(commit))) {
        if (folder !== '' && !path.startsWith(`${folder}/`)) continue;
        const [name = '', ...deeper] = path.slice(folder === '' ? 0 : folder.length + 1).split('/');
        names.set(name, { name, kind: deeper.length > 0 ? 'folder' : 'file' });
      }
      return [...names.values()];
    },
  };
}

/** A source of which some files are other than it says: path → content, undefined for a file that is not there. */
export function overlaid(source: Source, over: ReadonlyMap<string, Buffer | undefined>): Source {
  if (over.size === 0) return source;
  return {
    read: (path) => (over.has(path) ? Promise.resolve(over.get(path)) : source.read(path)),
    async list(folder) {
      const names = new Map((await source.list(folder)).map((entry) => [entry.name, entry]));
      for (const [path, content] of over) {
        const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
        const name = path.slice(parent === '' ? 0 : parent.length + 1);
        if (parent !== folder) continue;
        if (content) names.set(name, { name, kind: 'file' });
        else names.delete(name);
      }
      return [...names.values()];
    },
  };
}
