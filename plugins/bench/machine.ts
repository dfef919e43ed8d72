import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long to look at the processors before something is measured, in milliseconds. */
const WATCHED_MS = 500;
/** What others may use of them without a word, from 0 to 1. */
const QUIET_PART = 0.15;

/** The part of all processors (0 to 1) that others use while this process sleeps. */
export async function busyPart(signal?: AbortSignal): Promise<number> {
  const before = processorTimes();
  await sleep(WATCHED_MS, undefined, signal && { signal });
  const after = processorTimes();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

function processorTimes(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((each) => Object.values(each))) };
}

/** What to say of a machine on which others are at work; empty for a quiet one. */
export function warningOf(busy: number): string {
  if (busy <= QUIET_PART) return '';
  return `others used ${Math.round(busy * 100)} % of the processors: read the figures with care`;
}
