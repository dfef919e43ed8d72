import { definePlugin } from 'boternity';
import * as fleet from './actions.ts';
import { createFirstBot } from './first-bot.ts';
import { writeSchemas } from './schemas.ts';

/** What people do with bots: create, list, show, configure, clone, start, stop, archive, delete, check. */
export default definePlugin({
  name: 'fleet',
  needs: ['home', 'house', 'bots', 'actions', 'web'],
  async setup(context) {
    const { home, house, bots, actions, web } = context;
    actions.add(
      fleet.listBots(bots),
      fleet.showBot(bots),
      fleet.createBot(bots),
      fleet.listTemplates(),
      fleet.configureBot(bots),
      fleet.cloneBot(bots),
      fleet.startBot(bots),
      fleet.stopBot(bots),
      fleet.archiveBot(bots),
      fleet.deleteBot(bots, (_id, slug) => home.files.remove(`data/${slug}`)),
      fleet.checkBots(bots, house),
      writeSchemas(bots, home.files),
    );
    web.panel({
      path: 'bots',
      title: 'Bots',
      icon: 'bots',
      element: 'bn-bots-panel',
      module: new URL('ui/bots-panel.ts', import.meta.url),
      order: 20,
    });
    context.starting('the first bot');
    await createFirstBot(bots, home);
  },
});
