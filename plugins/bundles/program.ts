import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Fault, type Bots } from 'boternity';

export interface ProgramFile {
  readonly path: string;
  readonly isExecutable: boolean;
}

/** The files of a bot as they are committed: no memory, nothing of git's own, no links. */
export interface Program {
  /** The commit they are of; null for a bot without history. */
  readonly commit: string | null;
  readonly at: Date;
  readonly files: readonly ProgramFile[];
  read(path: string): Promise<Buffer>;
}

/** The program of a bot at the commit that is live, with what lies uncommitted in its folder committed first. */
export async function programOf(reference: string, bots: Bots): Promise<Program> {
  const keeper = await bots.keeper(reference);
  const commit = await keeper.commitEdits();
  if (commit === undefined) return programIn((await bots.get(reference)).folder);
  const { repository } = keeper;
  const [{ author }, files] = await Promise.all([repository.commitOf(commit), repository.files(commit)]);
  return {
    commit,
    at: author.at,
    files: files
      .filter(({ mode }) => mode === '100644' || mode === '100755')
      .map(({ path, mode }) => ({ path, isExecutable: mode === '100755' })),
    async read(file) {
      const content = await repository.read(commit, file);
      if (content) return content;
      throw new Fault('FILE_MISSING', `${file} is not in the commit ${commit}.`);
    },
  };
}

/** A folder without history, as it lies there. */
async function programIn(folder: string): Promise<Program> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !/^(\.git|memory)(\/|$)/.test(file))
    .toSorted();
  const files = await Promise.all(
    paths.map(async (file) => ({
      path: file,
      isExecutable: ((await stat(path.join(folder, file))).mode & 0o100) !== 0,
    })),
  );
  return { commit: null, at: new Date(0), files, read: (file) => readFile(path.join(folder, file)) };
}
