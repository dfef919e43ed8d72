import { definePlugin } from 'boternity';
import type {} from '../models/index.ts';
import { listPlugins, showStatus } from './actions.ts';

/** Tells how the server is: version, home, address, default model, plugins with state and boot time. */
export default definePlugin({
  name: 'status',
  needs: ['house', 'home', 'actions', 'models', 'web'],
  setup({ house, home, actions, models, web }) {
    actions.add(showStatus({ house, home, models, web }), listPlugins(house));
  },
});
