import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { createLog } from '../../core/base/log.ts';
import { createRepositories } from '../../core/files/git/repositories.ts';
import { treeRefusals } from '../../core/bots/tree-check.ts';
import type { Repositories, Repository } from '../../core/files/git/repository.ts';
import { temporaryFolder, type Folder } from './product.ts';

const run = promisify(execFile);

/** Who commits in tests. */
export const person = { kind: 'person', id: 'owner', name: 'Ada Lovelace', email: 'ada@example.org' } as const;

/** The variables of a git of a person who has set up nothing. */
export const plainGit: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  LC_ALL: 'C',
  TZ: 'UTC',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'By Hand',
  GIT_AUTHOR_EMAIL: 'hand@example.org',
  GIT_COMMITTER_NAME: 'By Hand',
  GIT_COMMITTER_EMAIL: 'hand@example.org',
};

/** What the real git client says, without the last line break. Fails with its words. */
export function git(folder: string, ...args: string[]): Promise<string> {
  return gitWith(plainGit, folder, ...args);
}

/** The same with other variables. It gets no input. */
export async function gitWith(env: NodeJS.ProcessEnv, folder: string, ...args: string[]): Promise<string> {
  const done = run('git', args, { cwd: folder, env, maxBuffer: 64 << 20 });
  done.child.stdin?.end();
  return (await done).stdout.trimEnd();
}

/** A home with the repositories of the product, and a bot folder in it. */
export interface Bench extends AsyncDisposable {
  readonly home: Folder;
  readonly repositories: Repositories;
  readonly repository: Repository;
  /** The bot's folder. */
  readonly folder: string;
  /** Writes files as the product does, then commits them. */
  save(files: Readonly<Record<string, string>>, message?: string): Promise<string>;
  /** Lines that were logged. */
  readonly logged: string[];
}

export async function makeBench(): Promise<Bench> {
  const home = await temporaryFolder({ 'bots/ada/SOUL.md': '# Ada\n' });
  const logged: string[] = [];
  const repositories = createRepositories({
    home: home.path,
    log: createLog((line) => logged.push(line)),
    refuse: treeRefusals,
  });
  const folder = path.join(home.path, 'bots/ada');
  const repository = repositories.of(folder, 'ada');
  await repository.init();
  return {
    home,
    repositories,
    repository,
    folder,
    logged,
    async save(files, message = 'Save') {
      for (const [file, text] of Object.entries(files)) await home.write(`bots/ada/${file}`, text);
      return repository.commit(new Map(Object.entries(files)), { author: person, message });
    },
    async [Symbol.asyncDispose]() {
      await repositories[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Fails with words of git when the repository is not whole, or its work tree differs from its branch. */
export async function expectWhole(folder: string): Promise<string> {
  const fsck = await run('git', ['fsck', '--strict', '--full', '--no-dangling'], { cwd: folder, env: plainGit });
  return (
    `${fsck.stdout}${fsck.stderr}`.replaceAll(/^notice: .*\n?/gm, '') + (await git(folder, 'status', '--porcelain'))
  );
}

/** The pack that a push of these revisions (`id`, `^id`, a line each) would carry. */
export function packOf(folder: string, revisions: string): NodeJS.ReadableStream {
  const args = ['pack-objects', '--revs', '--thin', '--stdout', '-q'];
  const child = spawn('git', args, { cwd: folder, env: plainGit, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(revisions);
  return child.stdout;
}
