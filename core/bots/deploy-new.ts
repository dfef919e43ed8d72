import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Author } from '../base/author.ts';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import { makeFolder } from '../files/disk.ts';
import type { Repository } from '../files/git/repository.ts';
import { deploy, type Deployed, type DeployOptions, type Place, type Push } from './deploy.ts';

export interface DeployNewOptions extends Pick<DeployOptions, 'home' | 'kinds'> {
  /** The repository of a folder that is no bot yet. */
  readonly repositoryAt: (folder: string, id: string) => Repository;
  /** Makes a whole folder the bot of this name, in one step. Throws BOT_EXISTS. */
  readonly adopt: (slug: string, folder: string, by: Author) => Promise<void>;
}

/** Gives the way by which pushes reach bots: those that are there, and those that a push creates. */
export function createDeploy(
  options: DeployOptions & DeployNewOptions,
): (place: Place, push: Push) => Promise<Deployed> {
  return (place, push) => (push.isNew ? deployNew(place.slug, push, options) : deploy(place, push, options));
}

/** Takes the first push of a bot: its folder is built aside, checked, and becomes a bot whole or not at all. */
async function deployNew(slug: string, push: Push, options: DeployNewOptions): Promise<Deployed> {
  const { home, kinds } = options;
  const id = `deploy.${createId()}`;
  const folder = path.join(home.path, '.boternity', 'staging', id);
  if (!push.updates.some(({ ref, to }) => ref === 'refs/heads/main' && to !== undefined)) {
    push.tell(`There is no bot "${slug}" yet. Push main first: git push <remote> HEAD:main`);
    return refuseAll(push, 'there is no such bot; push main first');
  }
  await makeFolder(folder);
  try {
    const repository = options.repositoryAt(folder, id);
    await repository.init();
    const deployed = await deploy({ slug, branch: 'main' }, push, {
      home,
      kinds,
      repository: async () => repository,
      exclusive: (_place, work) => work(),
      commitDisk: async () => undefined,
      onLive: async () => undefined,
    });
    if (!deployed.live) return refuseAll(push, 'the bot was not created', deployed.refused);
    await options.adopt(slug, folder, push.by);
    push.tell(`The bot ${slug} is created.`);
    return deployed;
  } catch (error) {
    const fault = Fault.from(error);
    if (fault.code !== 'BOT_EXISTS') throw fault;
    push.tell(`${fault.message} Run git pull, then push again.`);
    return refuseAll(push, 'fetch first');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function refuseAll(push: Push, reason: string, refused: ReadonlyMap<string, string> = new Map()): Deployed {
  return { refused: new Map(push.updates.map(({ ref }) => [ref, refused.get(ref) ?? reason])) };
}
