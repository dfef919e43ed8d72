import { Fault, slugOf, slugsFrom } from 'boternity';
import type { DraftBot } from './format.ts';

/** The folder a bot gets: the one that was asked for, or the first that is free for its name. Throws BOT_EXISTS. */
export function freeSlug(
  slugs: readonly string[],
  taken: ReadonlySet<string>,
  bot: DraftBot,
  wanted: string | undefined,
): string {
  const isFree = (slug: string): boolean => !slugs.includes(slug) && !taken.has(slug);
  if (wanted !== undefined) {
    if (isFree(wanted)) return wanted;
    throw new Fault('BOT_EXISTS', `There is a bot folder "${wanted}" already.`);
  }
  for (const slug of slugsFrom(nameFor(bot))) if (isFree(slug)) return slug;
  throw new Fault('BOT_EXISTS', `Every folder name for "${bot.name}" is taken.`, { hint: 'Give --slug.' });
}

/** A name of which no folder name can be made still has to lie somewhere. */
function nameFor({ slug, name }: DraftBot): string {
  try {
    return slugOf(slug ?? name);
  } catch {
    return 'imported';
  }
}
