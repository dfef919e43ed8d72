import type { Author } from '../base/author.ts';
import type { Repositories, Repository } from '../files/git/repository.ts';
import type { Home } from '../files/home.ts';
import { createDeploy } from './deploy-new.ts';
import type { Deployed, Place, Push } from './deploy.ts';
import type { FileKind } from './file-kind.ts';
import type { Fleet } from './fleet.ts';

export interface BotDeployOptions {
  readonly home: Home;
  readonly kinds: Iterable<[string, FileKind]>;
  readonly fleet: Fleet;
  readonly repositories: Repositories;
  readonly owner: () => Author;
}

/** Gives the way by which pushes reach the bots of a fleet, each in the queue of what it changes. */
export function createBotDeploy(options: BotDeployOptions): (place: Place, push: Push) => Promise<Deployed> {
  const { home, kinds, fleet, repositories, owner } = options;
  const memories = new Map<string, Promise<unknown>>();
  const memoryInTurn = <T>(slug: string, work: () => Promise<T>): Promise<T> => {
    const done = (memories.get(slug) ?? Promise.resolve()).then(work);
    memories.set(
      slug,
      done.catch(() => undefined),
    );
    return done;
  };
  return createDeploy({
    home,
    kinds,
    repository: (place) => readyRepository(fleet, place),
    exclusive: async ({ slug, branch }, work) =>
      branch === 'main' ? (await fleet.keeper(slug)).exclusive(work) : memoryInTurn(slug, work),
    commitDisk: async ({ slug, branch }) => {
      if (branch === 'main') return (await fleet.keeper(slug)).commitEditsWithin();
      return fleet.memory(slug).commitAll({ author: owner(), message: 'Take up what lies in the folder' });
    },
    onLive: async ({ slug, branch }, { paths, commit, by }) => {
      if (branch === 'main') await (await fleet.keeper(slug)).applied(paths, commit, by);
    },
    repositoryAt: (folder, id) => repositories.of(folder, id),
    adopt: async (slug, folder, by) => void (await fleet.adopt(slug, folder, by)),
  });
}

/** The repository of a bot, made and filled where it was not; that of a memory may be empty. */
export async function readyRepository(fleet: Fleet, place: Place): Promise<Repository> {
  const repository = fleet.repository(place);
  if (await repository.exists()) return repository;
  if (place.branch === 'main') await (await fleet.keeper(place.slug)).commitEdits();
  else await repository.init();
  return repository;
}
