import type { Author } from '../base/author.ts';
import { createDiskFiles } from '../files/disk.ts';
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
}

/** Gives the way by which pushes reach the bots of a fleet, each in the queue of what it changes. */
export function createBotDeploy(options: BotDeployOptions): (place: Place, push: Push) => Promise<Deployed> {
  const { home, kinds, fleet, repositories } = options;
  return createDeploy({
    home,
    kinds,
    repository: (place) => readyRepository(fleet, place),
    exclusive: async ({ slug, branch }, work) =>
      branch === 'main' ? (await fleet.keeper(slug)).exclusive(work) : fleet.withMemory(slug, work),
    commitDisk: async (place) => {
      if (place.branch === 'main') return (await fleet.keeper(place.slug)).commitEditsWithin();
      return commitEdited(fleet.repository(place.slug, 'memory'), fleet.owner);
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
  const repository = fleet.repository(place.slug, place.branch);
  if (await repository.exists()) return repository;
  if (place.branch === 'memory') await fleet.withMemory(place.slug, async () => undefined);
  else {
    const kept = await fleet.keeper(place.slug);
    await kept.commitEdits();
    if (kept.noHistory) throw kept.noHistory;
  }
  return repository;
}

/** Commits what a person edited of a memory. What is new was just learned, and is committed by the one who learned it. */
async function commitEdited(repository: Repository, author: Author): Promise<void> {
  const { head } = await repository.standing();
  if (head === undefined) return;
  const known = new Set((await repository.files(head)).map((file) => file.path));
  const edited = (await repository.dirty()).filter((file) => known.has(file));
  if (edited.length === 0) return;
  const files = createDiskFiles(repository.folder);
  const contents = await Promise.all(edited.map(async (file) => [file, await files.read(file)] as const));
  await repository.commit(new Map(contents), { author, message: 'Edits on disk' });
}
