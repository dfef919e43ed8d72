import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { changeBy, covers, createId, editFrontMatter, Fault, nameOf, slugOf, slugsFrom } from 'boternity';
import type { Bot, Caller } from 'boternity';
import type { CreateParts } from './create.ts';
import type { Origin } from './origins.ts';

export interface GitWish {
  readonly name: string;
  readonly slug: string | undefined;
  /** Address of a repository, or the path of a folder on this machine. */
  readonly from: string;
}

/**
 * Makes a bot of a repository from elsewhere, history and all. What runs code in it waits for a grant. To fetch is to let the server make
 * requests, so it takes `bots:admin`; a folder of this machine takes `server:admin`.
 */
export async function createFromGit(
  { name, slug, from }: GitWish,
  { bots, origins, home }: CreateParts,
  caller: Caller,
  signal: AbortSignal,
): Promise<[Bot, Origin | undefined]> {
  const needed = isAway(from) ? 'bots:admin' : 'server:admin';
  if (!covers(caller.grants, needed))
    throw new Fault(
      'CALLER_DENIED',
      `${caller.name} may not create a bot from ${withoutCredentials(from)}; it needs the grant ${needed}.`,
    );
  const free = slug ?? slugsFrom(slugOf(name)).find((each) => !bots.slugs.includes(each));
  if (free === undefined || bots.slugs.includes(free))
    throw new Fault('BOT_EXISTS', `There is a bot folder "${free ?? name}" already.`, { hint: 'Give another --slug.' });
  const folder = path.join(home.path, '.boternity', 'staging', createId());
  try {
    await bots.fetch(from, folder, signal);
    await assertBot(folder, from);
    const bot = await bots.adopt(free, folder, caller);
    await origins.record(bot.id, { kind: 'git', from: withoutCredentials(from) });
    return [await named(bot, name, caller, bots), await origins.of(bot.id)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Another name for people is a commit on top of what came. */
async function named(bot: Bot, name: string, caller: Caller, bots: CreateParts['bots']): Promise<Bot> {
  if (nameOf(bot) === name) return bot;
  const change = changeBy(caller, `Call it ${name}`, [bot.slug, bot.id]);
  return bots.edit(
    bot.slug,
    'IDENTITY.md',
    (text) => editFrontMatter(text, [{ path: ['display_name'], value: name }]),
    change,
  );
}

async function assertBot(folder: string, from: string): Promise<void> {
  const soul = await lstat(path.join(folder, 'SOUL.md')).catch(() => undefined);
  if (soul?.isFile()) return;
  throw new Fault('CLONE_REFUSED', `${withoutCredentials(from)} has no SOUL.md: it is no bot.`, {
    hint: 'A workspace of another program is taken in with: bnity import <folder>',
  });
}

function isAway(from: string): boolean {
  return /^(https?|git|ssh):\/\//i.test(from) || /^[\w.-]+@[\w.-]+:[^:]/.test(from);
}

/** An address as it may be shown and kept: without user, password, query and fragment. */
function withoutCredentials(address: string): string {
  if (!URL.canParse(address)) return address.replace(/^[^@/]*@/, '');
  const url = new URL(address);
  return `${url.protocol}//${url.host}${url.pathname}`;
}
