import { definePlugin } from 'boternity';
import { listSettings, setSetting, unsetSetting } from './actions.ts';

/** Shows and changes the settings of the server, and says which file set each. */
export default definePlugin({
  name: 'settings',
  needs: ['house', 'actions'],
  setup({ house, actions }) {
    actions.add(listSettings(house), setSetting(house), unsetSetting(house));
  },
});
