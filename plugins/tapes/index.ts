import { definePlugin, overheard } from 'boternity';
import type {} from '../models/index.ts';
import type {} from '../providers/index.ts';
import { Listeners } from './listeners.ts';
import { recordingRoute } from './route.ts';

/** Lets an admin write down what goes to services of models and comes back, without keys and names, to play it in tests. */
export default definePlugin({
  name: 'tapes',
  needs: ['home', 'bots', 'web', 'providers'],
  setup(context) {
    const { home, bots, web, providers } = context;
    const listeners = new Listeners();
    context.wrap('model.call', (next, model, request, signal) => {
      const ear = listeners.earFor(model, request);
      return ear ? overheard(ear, () => next(model, request, signal)) : next(model, request, signal);
    });
    web.route(recordingRoute({ home: home.path, bots, providers, listeners }));
  },
});
