import { dayOf } from 'boternity';
import type { Backup } from './write-backup.ts';

/** Of how many days, weeks and months the last automatic backup is kept. */
export interface Keep {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

export interface RotationLimits {
  readonly keep: Keep;
  /** What all automatic backups together may take, in bytes. */
  readonly bytes: number;
}

/**
 * Which automatic backups may go. Kept is the last of each of the last days, weeks and months that have one; then the oldest go until the rest
 * is within its room. The newest always stays.
 */
export function outdated(backups: readonly Backup[], { keep, bytes }: RotationLimits): Backup[] {
  const newestFirst = backups.toSorted((a, b) => Number(a.at < b.at) - Number(a.at > b.at));
  const kept = new Set([
    ...newestFirst.slice(0, 1),
    ...lastOfEach(newestFirst, keep.daily, dayOf),
    ...lastOfEach(newestFirst, keep.weekly, (at) => dayOf(mondayOf(at))),
    ...lastOfEach(newestFirst, keep.monthly, (at) => dayOf(at).slice(0, 7)),
  ]);
  let left = bytes;
  return newestFirst.filter((backup, at) => {
    if (!kept.has(backup)) return true;
    left -= backup.bytes;
    return at > 0 && left < 0;
  });
}

/** The newest of each of the first so many spans. */
function lastOfEach(newestFirst: readonly Backup[], count: number, spanOf: (at: Date) => string): Backup[] {
  const spans = new Map<string, Backup>();
  for (const backup of newestFirst) {
    const span = spanOf(new Date(backup.at));
    if (!spans.has(span) && spans.size < count) spans.set(span, backup);
  }
  return [...spans.values()];
}

function mondayOf(at: Date): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() - ((at.getDay() + 6) % 7));
}
