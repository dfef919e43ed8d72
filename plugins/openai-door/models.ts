import type { Bot } from 'boternity';

/** The name of a bot as a model. */
export function nameIn({ slug }: Pick<Bot, 'slug'>): string {
  return `boternity/${slug}`;
}

/** A bot as the list of models tells of it. */
export function modelOf(bot: Pick<Bot, 'slug' | 'id'>): object {
  return { id: nameIn(bot), object: 'model', created: createdAt(bot.id), owned_by: 'boternity' };
}

/** Seconds since 1970; ids begin with their time (RFC 9562, version 7). */
function createdAt(id: string): number {
  return Math.floor(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) / 1_000) || 0;
}
