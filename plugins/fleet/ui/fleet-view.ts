import type { Answer, BotLine, Client, Fleet } from 'boternity/ui';

export type Listed = BotLine;

/** What a card tells of a bot beside what its files say. */
export interface Activity {
  readonly conversations: number;
  readonly running: number;
  readonly unread: number;
  readonly lastAt: string;
  /** US dollars today; null where nobody knows. */
  readonly spend: number | null;
}

export type Activities = ReadonlyMap<string, Activity>;

export const shows = ['all', 'active', 'disabled', 'problems', 'waiting', 'running', 'archived'] as const;
export type Show = (typeof shows)[number];
export const sorts = ['activity', 'name', 'status', 'spend'] as const;
export type Sort = (typeof sorts)[number];

/** What of the fleet is shown, and in which order: the query of the page's address. */
export interface View {
  readonly text: string;
  readonly show: Show;
  readonly sort: Sort;
}

export function viewIn(query: URLSearchParams | undefined): View {
  return {
    text: query?.get('text') ?? '',
    show: shows.find((each) => each === query?.get('show')) ?? 'all',
    sort: sorts.find((each) => each === query?.get('sort')) ?? 'activity',
  };
}

export function queryOf({ text, show, sort }: View): string {
  const query = new URLSearchParams();
  if (text !== '') query.set('text', text);
  if (show !== 'all') query.set('show', show);
  if (sort !== 'activity') query.set('sort', sort);
  return query.size === 0 ? '' : `?${query}`;
}

/** Whether a bot belongs to what is shown. */
export function belongs(bot: Listed, show: Show, activities: Activities): boolean {
  if (show === 'problems') return bot.problems > 0;
  if (show === 'waiting') return bot.waiting > 0;
  if (show === 'running') return (activities.get(bot.slug)?.running ?? 0) > 0;
  return show === 'all' ? bot.status !== 'archived' : bot.status === show;
}

/** The bots to show, in their order. */
export function chosen(bots: readonly Listed[], { text, show, sort }: View, activities: Activities): Listed[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (bot: Listed): boolean => {
    const said = [bot.name, bot.slug, bot.description, bot.category, bot.model ?? '', ...bot.tags]
      .join(' ')
      .toLowerCase();
    return words.every((word) => said.includes(word));
  };
  const orders: Record<Sort, (a: Listed, b: Listed) => number> = {
    activity: (a, b) => compare(lastOf(b, activities), lastOf(a, activities)),
    name: () => 0,
    status: (a, b) => compare(a.status, b.status),
    spend: (a, b) => (activities.get(b.slug)?.spend ?? 0) - (activities.get(a.slug)?.spend ?? 0),
  };
  return bots
    .filter((bot) => belongs(bot, show, activities) && fits(bot))
    .toSorted((a, b) => orders[sort](a, b) || a.name.localeCompare(b.name, undefined, { numeric: true }));
}

function lastOf({ slug }: Listed, activities: Activities): string {
  return activities.get(slug)?.lastAt ?? '';
}

function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

/** What goes on with all bots, in two requests; what a plugin does not tell is left out. */
export async function readActivities(client: Client): Promise<Activities> {
  const [activity, usage] = await Promise.all([
    client.call('conversations.activity', {}).catch(() => undefined),
    client.call('usage.show', { by: 'bot' }).catch(() => undefined),
  ]);
  const spend = new Map(usage?.groups.map(({ key, cost }) => [key, cost]));
  const talks = new Map(activity?.bots.map((each) => [each.bot, each]));
  const slugs = new Set([...spend.keys(), ...talks.keys()]);
  return new Map(
    Array.from(slugs, (slug) => {
      const { conversations = 0, running = 0, unread = 0, lastAt = '' } = talks.get(slug) ?? quiet;
      return [slug, { conversations, running, unread, lastAt, spend: spend.get(slug) ?? null }];
    }),
  );
}

const quiet: Partial<Answer<'conversations.activity'>['bots'][number]> = {};

/** The bots of the fleet with those that are archived. */
export function allBots(fleet: Fleet | undefined, archived: readonly Listed[]): Listed[] {
  const known = new Set(fleet?.bots.map(({ slug }) => slug));
  return [...(fleet?.bots ?? []), ...archived.filter(({ slug }) => !known.has(slug))];
}
