import { definePlugin } from 'boternity';
import { listSettings, setSetting, showSchema, unsetSetting } from './actions.ts';

/** Shows and changes the settings of the server, and says which file set each. */
export default definePlugin({
  name: 'settings',
  needs: ['house', 'actions', 'web'],
  setup({ house, actions, web }) {
    actions.add(listSettings(house), showSchema(house), setSetting(house), unsetSetting(house));
    web.panel({
      path: 'settings/appearance',
      title: 'Appearance',
      icon: 'sun',
      element: 'bn-appearance-panel',
      module: new URL('ui/appearance-panel.ts', import.meta.url),
      order: 20,
    });
    web.panel({
      path: 'system/settings/defaults',
      title: 'Defaults',
      icon: 'sort',
      element: 'bn-defaults-panel',
      module: new URL('ui/defaults-panel.ts', import.meta.url),
      order: 30,
      permission: 'settings:admin',
    });
  },
});
