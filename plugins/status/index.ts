import { definePlugin } from 'boternity';
import type {} from '../models/index.ts';
import { showAbout } from './about.ts';
import { listPlugins, showStatus } from './actions.ts';
import { createUpdates, showUpdates } from './updates.ts';

/** Tells how the server is: version, home, address, default model, plugins with state and boot time. */
export default definePlugin({
  name: 'status',
  needs: ['house', 'home', 'actions', 'models', 'web'],
  setup(context) {
    const { house, home, actions, models, web } = context;
    const updates = createUpdates(house, home, process.env);
    // A command has no time for it, and shows what a server learned.
    if (house.isServer) context.use(updates.follow(context.signal));
    actions.add(
      showStatus({ house, home, models, web, updates }),
      showUpdates(house, updates),
      listPlugins(house),
      showAbout(house, home, updates),
    );
    web.panel({
      path: 'system/settings/about',
      title: 'About',
      icon: 'info',
      element: 'bn-about-panel',
      module: new URL('ui/about-panel.ts', import.meta.url),
      order: 90,
      permission: 'server:admin',
    });
  },
});
