import type { BotLine } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';

/** The demo gave the last answer. */
export function answeredByDemo(page: ConversationPage): boolean {
  return page.nodes.findLast((node) => node.run)?.run?.provider === 'demo';
}

/** Nothing new is written in it. */
export function isClosed(page: ConversationPage): boolean {
  return page.archived || (page.lanes.find(({ id }) => id === page.lane)?.archived ?? false);
}

/** How its bot looks: as the fleet knows it now; as the page was told, where the fleet does not know it. */
export function lookOf({ bot }: ConversationPage, bots: readonly BotLine[] = []): BotLook {
  const { slug, name, emoji, accentColor, avatar } = bots.find(({ id }) => id === bot.id) ?? {
    ...bot,
    accentColor: '',
    avatar: null,
  };
  return { slug, name, emoji, accentColor, avatar };
}

export type BotLook = Pick<BotLine, 'slug' | 'name' | 'emoji' | 'accentColor' | 'avatar'>;
