import path from 'node:path';
import { definePlugin, z } from 'boternity';
import { createBackup, deleteBackup, listAll, pruneBackups } from './actions.ts';
import { BackupMaker } from './make.ts';
import { measureHome } from './measure.ts';
import { downloadRoute } from './download-route.ts';
import { Schedule } from './schedule.ts';
import { backupOld, lastFailure } from './tell.ts';

const count = z.number().int().min(0);

const config = z
  .strictObject({
    folder: z.string().min(1).default('backups').describe('Where backups lie; from the home unless absolute'),
    every: z.enum(['day', 'off']).default('day').describe('Whether the server makes one by itself each day'),
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .default('03:30')
      .describe('When, by the clock of this machine; what was missed is made up for'),
    keep: z
      .strictObject({ daily: count.default(7), weekly: count.default(4), monthly: count.default(3) })
      .prefault({})
      .describe('Of how many days, weeks and months the last one is kept'),
    megabytes: z.number().int().positive().default(10_000).describe('What those made by the server may take together'),
    restSeconds: z.number().positive().default(120).describe('Rest after a start before one is made that was missed'),
  })
  .prefault({});

/** Packs the whole home into one file, by itself each day and when it is told to, and brings it back. */
export default definePlugin({
  name: 'backups',
  needs: ['home', 'house', 'bots', 'actions', 'web', 'doctor'],
  config,
  setup(context, { folder: given, every, at: time, keep, megabytes, restSeconds }) {
    const { home, house, bots, actions, web, doctor } = context;
    const folder = path.resolve(home.path, given);
    const maker = new BackupMaker({ home, bots, folder });
    const limits = { keep, bytes: megabytes * 1_000_000 };
    const schedule = context.use(
      new Schedule({ home, folder, maker, every, time, ...limits, restMs: restSeconds * 1_000 }),
    );
    if (house.isServer) schedule.begin();
    const parts = { folder, maker, schedule, every, time };
    actions.add(createBackup(parts), listAll(parts), deleteBackup(parts), pruneBackups(parts), measureHome(home));
    house.tellProblems(() => lastFailure(schedule));
    doctor.check('BACKUP_OLD', () => backupOld(schedule));
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
