import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../../base/fault.ts';
import { isMissingFile } from '../system-calls.ts';

type Names = ReadonlyMap<string, Dirent>;

/** What lies in a .git folder, seen in one go. */
export interface Look {
  readonly names: Names;
  /** The two-digit folders of loose objects. */
  readonly fans: readonly string[];
}

const folders = ['objects', 'refs', 'logs', 'info', 'rebase-merge', 'rebase-apply'];
const files = ['HEAD', 'index', 'packed-refs', 'shallow'];

/** What a person is in the middle of, by the file that git keeps meanwhile. */
const underWay: Readonly<Record<string, string>> = {
  MERGE_HEAD: 'a merge is under way',
  CHERRY_PICK_HEAD: 'a cherry-pick is under way',
  REVERT_HEAD: 'a revert is under way',
  'rebase-merge': 'a rebase is under way',
  'rebase-apply': 'a rebase or a patch is under way',
  BISECT_LOG: 'a bisect is under way',
};

/**
 * Looks at a .git folder; undefined when there is no repository. Throws GIT_UNTRUSTED where it reaches out of its folder,
 * so that nothing that lies elsewhere is read or written through it.
 */
export async function lookInto(gitDir: string): Promise<Look | undefined> {
  const found = await lstat(gitDir).catch(absent);
  if (!found) return undefined;
  if (found.isSymbolicLink()) refuse(gitDir, 'is a symbolic link');
  if (!found.isDirectory()) refuse(gitDir, 'is a file that points to a repository elsewhere');
  const [names, objects, info, heads] = await Promise.all([
    namesIn(gitDir),
    namesIn(path.join(gitDir, 'objects')),
    namesIn(path.join(gitDir, 'objects/info')),
    lstat(path.join(gitDir, 'refs/heads')).catch(absent),
  ]);
  if (!names.has('HEAD') || !names.has('objects')) return undefined;
  for (const name of folders) must(gitDir, names, name, (entry) => entry.isDirectory());
  for (const name of files) must(gitDir, names, name, (entry) => entry.isFile());
  for (const name of ['commondir', 'gitdir']) if (names.has(name)) refuse(gitDir, `has a file ${name}`);
  for (const [name, entry] of objects) {
    if (!entry.isDirectory() && !name.startsWith('tmp_')) refuse(gitDir, `has objects/${name}, which is no folder`);
  }
  for (const name of ['alternates', 'http-alternates']) {
    if (info.has(name)) refuse(gitDir, `has objects/info/${name}: it borrows objects from elsewhere`);
  }
  if (heads && !heads.isDirectory()) refuse(gitDir, 'has refs/heads, which is no folder');
  return { names, fans: [...objects.keys()].filter((name) => /^[0-9a-f]{2}$/.test(name)) };
}

/** Before git reads the objects itself: none of the files is a link. */
export async function checkObjects(gitDir: string, look: Look): Promise<void> {
  const check = async (folder: string): Promise<void> => {
    for (const [name, entry] of await namesIn(path.join(gitDir, 'objects', folder))) {
      if (!entry.isFile()) refuse(gitDir, `has objects/${folder}/${name}, which is no plain file`);
    }
  };
  await Promise.all(['pack', ...look.fans].map(check));
}

/** What the person is in the middle of; undefined: nothing. */
export function taskUnderWay(look: Look): string | undefined {
  const name = Object.keys(underWay).find((name) => look.names.has(name));
  return name && underWay[name];
}

async function namesIn(folder: string): Promise<Names> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(absent);
  return new Map((entries ?? []).map((entry) => [entry.name, entry]));
}

function must(gitDir: string, names: Names, name: string, isRight: (entry: Dirent) => boolean): void {
  const entry = names.get(name);
  if (entry && !isRight(entry))
    refuse(gitDir, `has ${name}, which is ${entry.isSymbolicLink() ? 'a link' : 'of a wrong kind'}`);
}

function refuse(gitDir: string, what: string): never {
  throw new Fault('GIT_UNTRUSTED', `${gitDir} ${what}. Its history is not used until that is put right.`);
}

function absent(error: unknown): undefined {
  if (isMissingFile(error)) return undefined;
  throw Fault.from(error);
}
