import path from 'node:path';
import { Fault } from '../../base/fault.ts';
import type { Log } from '../../base/log.ts';
import { ObjectCache } from './bot-objects.ts';
import { BotRepository, type Shared } from './bot-repository.ts';
import { CatFiles } from './cat-files.ts';
import { cloneRepository } from './clone.ts';
import { GitProgram } from './program.ts';
import type { Refuse, Repositories, Repository } from './repository.ts';

const CACHE_BYTES = 8 << 20;

export interface RepositoriesOptions {
  /** Absolute path. */
  readonly home: string;
  readonly log: Log;
  readonly refuse: Refuse;
}

/** All repositories of a home. Disposing ends every git that still runs. */
export function createRepositories({ home, log, refuse }: RepositoriesOptions): Repositories {
  const cacheFolder = path.join(path.resolve(home), '.boternity/cache/git');
  const program = new GitProgram(path.join(cacheFolder, '.empty'));
  const cats = new CatFiles();
  const shared: Shared = { program, cats, cache: new ObjectCache(CACHE_BYTES), log, cacheFolder };
  // One object as long as somebody uses it, for its queue; thousands that nobody uses are not kept.
  const known = new Map<string, WeakRef<Repository>>();
  return {
    of(folder, id, branch = 'main') {
      if (!/^[A-Za-z0-9][\w.-]{0,120}$/.test(id)) throw new Fault('PATH_REFUSED', `${JSON.stringify(id)} is no id.`);
      const found = known.get(id)?.deref();
      if (found?.folder === path.resolve(folder) && found.branch === branch) return found;
      const repository = new BotRepository({ folder, id, branch }, shared);
      known.set(id, new WeakRef(repository));
      return repository;
    },
    clone: (url, folder, signal) => cloneRepository(shared, url, path.resolve(folder), signal, refuse),
    git: () => program.version(),
    async [Symbol.asyncDispose]() {
      await cats[Symbol.asyncDispose]();
      await program[Symbol.asyncDispose]();
    },
  };
}
