/** Times, numbers and durations as the person's own language writes them. */

const number = new Intl.NumberFormat();
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });
const seconds = new Intl.NumberFormat(undefined, { style: 'unit', unit: 'second', maximumFractionDigits: 1 });

const DAY_MS = 86_400_000;

export function formatCount(value: number): string {
  return number.format(value);
}

export function formatDuration(ms: number): string {
  return seconds.format(ms / 1_000);
}

/** The hour for today, else the day. */
export function formatTime(iso: string, now = new Date()): string {
  const at = new Date(iso);
  return daysAgo(iso, now) === 0 ? clock.format(at) : day.format(at);
}

/** Day and year. */
export function formatDate(iso: string): string {
  return date.format(new Date(iso));
}

export function formatFullTime(iso: string): string {
  return full.format(new Date(iso));
}

/** Calendar days between a time and now; 0 is today. */
export function daysAgo(iso: string, now = new Date()): number {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const past = midnight - new Date(iso).getTime();
  return past <= 0 ? 0 : Math.ceil(past / DAY_MS);
}

export interface Recent<Item> {
  readonly title: string;
  readonly items: readonly Item[];
}

/** Groups items, newest first, by how long ago they changed; empty groups are left out. */
export function groupByRecency<Item extends { readonly updatedAt: string }>(
  items: readonly Item[],
  now = new Date(),
): Recent<Item>[] {
  const titleOf = (days: number): string => {
    if (days === 0) return 'Today';
    if (days === 1) return 'Yesterday';
    return days <= 7 ? 'Last 7 days' : 'Earlier';
  };
  const groups = Map.groupBy(items, (item) => titleOf(daysAgo(item.updatedAt, now)));
  return [...groups].map(([title, items]) => ({ title, items }));
}
