import { dayOf, definePlugin, z, type Bots } from 'boternity';
import type {} from '../models/index.ts';
import { accounted, embedded } from './account.ts';
import { usageActions } from './actions.ts';
import { Ledger } from './ledger.ts';
import { limitIn, Purse } from './limit.ts';

/** Writes down what every call of a model used and cost, sums it up, and keeps all of them within the limit of the day. */
export default definePlugin({
  name: 'usage',
  needs: ['home', 'house', 'bots', 'actions', 'web'],
  config: z
    .strictObject({
      days: z.number().int().positive().default(400).describe('How long it is kept what each call used'),
    })
    .prefault({}),
  async setup(context, { days }) {
    const { home, house, bots, actions, web } = context;
    const ledger = context.use(new Ledger(home.path, home.log, days));
    const purse = new Purse(() => limitIn(house.settings()));
    purse.restore(await ledger.of(dayOf(new Date())));
    const books = { ledger, purse, idOf: (bot: string) => idOf(bots, bot) };
    context.wrap('model.call', (next, model, request, signal) => accounted(next, books, model, request, signal));
    context.wrap('model.embed', (next, ...asked) => embedded(next, books, ...asked));
    actions.add(...usageActions({ ledger, purse, bots, house }));
    web.panel({
      path: 'usage',
      title: 'Usage',
      icon: 'chart',
      element: 'bn-usage-panel',
      module: new URL('ui/usage-panel.ts', import.meta.url),
      order: 40,
      permission: 'usage:read',
    });
  },
});

/** The id of a bot, named by slug or id; of one that is no more what it was called. */
function idOf(bots: Bots, bot: string): string {
  try {
    return bots.idOf(bot);
  } catch {
    return bot;
  }
}
