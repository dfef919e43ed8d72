import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Bot } from 'boternity';

export interface ProgramFile {
  readonly path: string;
  readonly isExecutable: boolean;
}

/** The files of a bot as they are committed: no memory, nothing of git's own. */
export interface Program {
  /** The commit they are of; null for a bot without history. */
  readonly commit: string | null;
  readonly at: Date;
  readonly files: readonly ProgramFile[];
  read(path: string): Promise<Buffer>;
}

export async function programOf(bot: Bot): Promise<Program> {
  const entries = await readdir(bot.folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(bot.folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !/^(\.git|memory)(\/|$)/.test(file))
    .toSorted();
  const files = await Promise.all(
    paths.map(async (file) => ({
      path: file,
      isExecutable: ((await stat(path.join(bot.folder, file))).mode & 0o100) !== 0,
    })),
  );
  return { commit: null, at: new Date(0), files, read: (file) => readFile(path.join(bot.folder, file)) };
}
