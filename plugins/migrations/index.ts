import { definePlugin, type Finding } from 'boternity';
import { planFor } from './plan.ts';
import { listRecords } from './record.ts';

/** Tells the doctor of homes that an older version left, or a migration that was cut off. `bnity migrate` does the work, without a server. */
export default definePlugin({
  name: 'migrations',
  needs: ['home', 'doctor'],
  setup({ home: { files }, doctor }) {
    doctor.check('HOME_OLD', async (): Promise<Finding[]> => {
      const { from, to, steps } = await planFor(files);
      // A version that is only not written down yet is nobody's trouble.
      if (!steps.some(({ changes }) => changes.some(({ file }) => file !== 'settings.yaml'))) return [];
      const message = `The home is of version ${from}; this program writes version ${to}, and does not read all that stands there.`;
      return [{ level: 'warning', message, advice: 'See what would change with: bnity migrate' }];
    });
    doctor.check('MIGRATION_UNFINISHED', async (): Promise<Finding[]> => {
      const begun = (await listRecords(files)).filter(({ state }) => state === 'begun');
      return begun.map(({ id }) => ({
        level: 'warning',
        about: id,
        message: `The migration ${id} was cut off.`,
        advice: `Stop the server, then finish it: bnity migrate --apply; or undo it: bnity migrate --revert ${id}`,
      }));
    });
  },
});
