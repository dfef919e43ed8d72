import { definePlugin } from 'boternity';
import * as fleet from './actions.ts';
import { cloneBot, createBot, listTemplates } from './create.ts';
import { createFirstBot } from './first-bot.ts';
import { createOrigins } from './origins.ts';
import { pictureRoute } from './picture-route.ts';
import { listSchemas, writeSchemas } from './schemas.ts';
import { summarize, SUMMARY_VERSION } from './views.ts';

/** What people do with bots: create, list, show, configure, clone, start, stop, archive, delete, check. */
export default definePlugin({
  name: 'fleet',
  needs: ['home', 'house', 'bots', 'actions', 'web'],
  provides: ['origins'],
  async setup(context) {
    const { home, house, bots, actions, web } = context;
    const origins = createOrigins(home);
    const parts = { bots, origins };
    context.provide('origins', () => origins);
    house.tellProblems(
      () => [],
      () => origins.check(bots.slugs.map((slug) => bots.idOf(slug))),
    );
    actions.add(
      fleet.listBots(bots, bots.summaries(`${house.version} ${SUMMARY_VERSION}`, summarize)),
      fleet.showBot(parts),
      createBot({ bots, origins, home, house }),
      listTemplates(),
      fleet.configureBot(parts),
      cloneBot(bots, origins),
      fleet.startBot(parts),
      fleet.stopBot(parts),
      fleet.archiveBot(parts),
      fleet.deleteBot(bots, async (id, slug) => {
        await Promise.all([home.files.remove(`data/${slug}`), origins.forget(id)]);
      }),
      fleet.checkBots(bots, house),
      listSchemas(bots),
      writeSchemas(bots, home.files),
    );
    web.route(pictureRoute(bots, home));
    web.panel({
      path: 'agents',
      title: 'Bots',
      icon: 'bots',
      element: 'bn-bots-panel',
      module: new URL('ui/bots-panel.ts', import.meta.url),
      order: 20,
    });
    web.panel({
      path: 'system/settings/bots',
      title: 'Bots',
      icon: 'bots',
      element: 'bn-bot-settings-panel',
      module: new URL('ui/bot-settings-panel.ts', import.meta.url),
      order: 40,
      permission: 'bots:admin',
    });
    context.starting('the first bot');
    await createFirstBot(bots, home, origins);
  },
});
