import { definePlugin } from 'boternity';
import { addPlugin, removePlugin } from './actions/add.ts';
import { checkPlugins } from './actions/check.ts';
import { showCosts } from './actions/costs.ts';
import { createPlugin } from './actions/create.ts';
import { configurePlugin, showPluginSettings } from './actions/settings.ts';
import { disablePlugin, enablePlugin } from './actions/turn.ts';

/** Brings plugins, turns them on and off, checks them, tells what they cost, and takes them away. */
export default definePlugin({
  name: 'plugin-manager',
  needs: ['house', 'home', 'actions', 'web'],
  setup({ house, home, actions, web }) {
    actions.add(
      showPluginSettings(house),
      showCosts(house),
      checkPlugins(house),
      createPlugin(house, home),
      addPlugin(house),
      enablePlugin(house),
      disablePlugin(house),
      configurePlugin(house),
      removePlugin(house, home),
    );
    web.panel({
      path: 'system/settings/plugins',
      title: 'Plugins',
      icon: 'grid',
      element: 'bn-plugins-panel',
      module: new URL('ui/plugins-panel.ts', import.meta.url),
      order: 50,
      permission: 'settings:admin',
    });
  },
});
