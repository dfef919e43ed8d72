import type { Finding, Problem } from 'boternity';
import type { Schedule } from './schedule.ts';

const HOUR_MS = 60 * 60_000;

/** The failure of the last automatic backup, among the problems of the house. */
export function lastFailure({ failure }: Schedule): Problem[] {
  if (failure === undefined) return [];
  const message = `the last automatic backup failed: ${failure}`;
  return [{ file: '.boternity/backups.json', line: 1, column: 1, level: 'warning', message }];
}

/** Whether there should have been a backup for more than a day. */
export async function backupOld(schedule: Schedule): Promise<Finding[]> {
  const lateMs = await schedule.lateMs();
  if (lateMs === 0) return [];
  const { last, failed } = await schedule.state();
  const since = last === null ? 'There is no automatic backup yet' : `The last automatic backup is of ${last}`;
  const why = failed ? ` The last try failed: ${failed.message}` : '';
  return [
    {
      level: 'warning',
      message: `${since}; one has been due for ${Math.round(lateMs / HOUR_MS) + 24} hours.${why}`,
      advice: 'Make one: bnity backup. Or turn them off: bnity settings set plugins.backups.every off',
    },
  ];
}
