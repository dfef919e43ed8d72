import { definePlugin } from 'boternity';
import type {} from '../conversations/index.ts';
import { listLogs } from './actions.ts';

/** Reads the log of the server, and writes a line into it for every turn that ends, so that `--run` finds what became of one. */
export default definePlugin({
  name: 'logs',
  needs: ['home', 'bots', 'actions'],
  setup(context) {
    const { home, bots, actions } = context;
    actions.add(listLogs(home, bots));
    context.on('turn.ended', ({ bot, conversation, turn, runs, startedAt, state }) => {
      const elapsedMs = Date.now() - Date.parse(startedAt);
      home.log.info('A turn ended', { bot: bot.slug, conversation, turn, runs, state, elapsedMs });
    });
  },
});
