import path from 'node:path';
import { definePlugin, z } from 'boternity';
import { createBackup, deleteBackup, listAll } from './actions.ts';
import { measureHome } from './measure.ts';
import { downloadRoute } from './download-route.ts';

const config = z
  .strictObject({
    /** Where backups are written; from the home when it is no absolute path. */
    folder: z.string().min(1).default('backups'),
  })
  .prefault({});

/** Packs the whole home into one file, and brings it back. */
export default definePlugin({
  name: 'backups',
  needs: ['home', 'bots', 'actions', 'web'],
  config,
  setup({ home, bots, actions, web }, { folder: given }) {
    const folder = path.resolve(home.path, given);
    const parts = { home, bots, folder };
    actions.add(createBackup(parts), listAll(parts), deleteBackup(parts), measureHome(home));
    web.route(downloadRoute(folder));
    web.panel({
      path: 'system/settings/backup',
      title: 'Home and backup',
      icon: 'archive',
      element: 'bn-backup-panel',
      module: new URL('ui/backup-panel.ts', import.meta.url),
      order: 60,
      permission: 'server:admin',
    });
  },
});
