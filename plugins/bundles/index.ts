import { definePlugin } from 'boternity';
import type {} from '../fleet/origins.ts';
import type {} from '../imports/index.ts';
import { showManifest } from './actions.ts';
import { exportRoute } from './export-route.ts';
import { botFolder, exported } from './format.ts';

/** Packs a bot to take it elsewhere, and takes in what was packed so. */
export default definePlugin({
  name: 'bundles',
  needs: ['home', 'bots', 'actions', 'web', 'origins', 'imports'],
  setup({ home, bots, actions, web, origins, imports }) {
    const parts = { bots, files: home.files, origins };
    actions.add(showManifest(parts));
    web.route(exportRoute(parts, actions));
    imports.add(exported);
    imports.add(botFolder);
  },
});
