import { definePlugin } from 'boternity';
import * as fleet from './actions.ts';
import { createFirstBot } from './first-bot.ts';
import { writeSchemas } from './schemas.ts';

/** What people do with bots: create, list, show, configure, clone, start, stop, archive, delete, check. */
export default definePlugin({
  name: 'fleet',
  needs: ['home', 'house', 'bots', 'actions'],
  async setup(context) {
    const { home, house, bots, actions } = context;
    actions.add(
      fleet.listBots(bots),
      fleet.showBot(bots),
      fleet.createBot(bots),
      fleet.configureBot(bots),
      fleet.cloneBot(bots),
      fleet.startBot(bots),
      fleet.stopBot(bots),
      fleet.archiveBot(bots),
      fleet.deleteBot(bots, (_id, slug) => home.files.remove(`data/${slug}`)),
      fleet.checkBots(bots, house),
      writeSchemas(bots, home.files),
    );
    context.starting('the first bot');
    await createFirstBot(bots, home);
  },
});
