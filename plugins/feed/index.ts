import { definePlugin, Hub } from 'boternity';
import type {} from '../conversations/index.ts';
import type {} from '../memory/index.ts';
import { fleetEvent, type FleetNews } from './events.ts';

/** Tells what happens in the fleet while it happens: bots, conversations, runs, and what waits for a person. */
export default definePlugin({
  name: 'feed',
  needs: ['bots', 'actions', 'web'],
  setup(context) {
    const { bots, actions, web } = context;
    const hub = new Hub<FleetNews>();
    context.defer(() => hub.close());
    let known = idsOf(bots.slugs);
    const tell = (news: FleetNews): void => hub.emit(news, 'bot' in news ? news.bot.slug : undefined);

    function idsOf(slugs: readonly string[]): Map<string, string> {
      return new Map(slugs.map((slug) => [slug, bots.idOf(slug)]));
    }
    context.on('bot.changed', ({ bot, slug, path }) =>
      tell({ type: 'bot', bot: { id: bot, slug }, change: 'changed', file: path }),
    );
    context.on('bot.renamed', ({ bot, from, to }) => {
      known.delete(from);
      known.set(to, bot);
      tell({ type: 'bot', bot: { id: bot, slug: to }, change: 'renamed', from });
    });
    context.on('bots.listed', ({ slugs }) => {
      const now = idsOf(slugs);
      for (const [slug, id] of known) if (!now.has(slug)) tell({ type: 'bot', bot: { id, slug }, change: 'removed' });
      for (const [slug, id] of now) if (!known.has(slug)) tell({ type: 'bot', bot: { id, slug }, change: 'added' });
      known = now;
    });
    context.on('conversation.changed', ({ bot, id, ...rest }) =>
      tell({ type: 'conversation', bot, conversation: id, change: 'changed', ...rest }),
    );
    context.on('conversation.removed', ({ bot, id }) =>
      tell({ type: 'conversation', bot, conversation: id, change: 'removed' }),
    );
    context.on('run.changed', (fact) => tell({ type: 'run', ...fact }));
    context.on('approval.asked', (fact) => tell({ type: 'waiting', ...fact }));
    context.on('conversation.seen', (fact) => tell({ type: 'seen', ...fact }));
    context.on('memory.changed', ({ bot, ids }) => tell({ type: 'memory', bot, memories: [...ids] }));
    web.stream({
      name: 'fleet.events',
      summary: 'Streams what happens in the fleet: bots, conversations, runs, and what waits for a person.',
      path: '/api/v1/fleet/events',
      permission: 'caller',
      event: fleetEvent,
      open: async (_params, { grants }) => ({
        hub,
        sees: (bot) =>
          bot === undefined || actions.covers(grants, 'bots:read', bot) || actions.covers(grants, 'bots:use', bot),
      }),
    });
  },
});
