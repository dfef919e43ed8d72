import { languageNow, msg } from './language.ts';

/** Times, numbers and durations as the language of the page writes them. */

const money: Intl.NumberFormatOptions = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' };

interface Formats {
  readonly clock: Intl.DateTimeFormat;
  readonly day: Intl.DateTimeFormat;
  readonly date: Intl.DateTimeFormat;
  readonly full: Intl.DateTimeFormat;
}

const times = new Map<string, Formats>();
const numbers = new Map<string, Intl.NumberFormat>();

const DAY_MS = 86_400_000;

/** A number, or a measure that `options` describe. */
export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  const key = `${localeNow()} ${JSON.stringify(options)}`;
  const format = numbers.get(key) ?? new Intl.NumberFormat(localeNow(), options);
  numbers.set(key, format);
  return format.format(value);
}

export function formatCount(value: number): string {
  return formatNumber(value);
}

export function formatDuration(ms: number): string {
  return formatNumber(ms / 1_000, { style: 'unit', unit: 'second', maximumFractionDigits: 1 });
}

/** Milliseconds below a second: `340 ms`, `2.3 sec`. */
export function formatSpan(ms: number): string {
  if (ms >= 999.5) return formatDuration(ms);
  return formatNumber(ms, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 0 });
}

/** US dollars, in two digits where they are few: `$12.30`, `$0.0042`. */
export function formatDollars(value: number): string {
  const isFew = Math.abs(value) < 0.0995 && value !== 0;
  return formatNumber(value, isFew ? { ...money, maximumSignificantDigits: 2 } : money);
}

/** What a call cost: `free` for nothing, `unknown` where nobody knows. */
export function formatCost(value: number | null): string {
  if (value === null) return msg('unknown');
  return value === 0 ? msg('free') : formatDollars(value);
}

/** A share of one: `0.42` is `42%`. */
export function formatShare(value: number): string {
  return formatNumber(value, { style: 'percent', maximumFractionDigits: 0 });
}

/** How well something fits, from 0 to 1: `0.42`. */
export function formatScore(value: number): string {
  return formatNumber(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** The hour for today, else the day. */
export function formatTime(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const { clock, day } = formats();
  return daysAgo(iso, now) === 0 ? clock.format(at) : day.format(at);
}

/** Day and year. */
export function formatDate(iso: string): string {
  return formats().date.format(new Date(iso));
}

export function formatFullTime(iso: string): string {
  return formats().full.format(new Date(iso));
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
    if (days === 0) return msg('Today');
    if (days === 1) return msg('Yesterday');
    return days <= 7 ? msg('Last 7 days') : msg('Earlier');
  };
  const groups = Map.groupBy(items, (item) => titleOf(daysAgo(item.updatedAt, now)));
  return [...groups].map(([title, items]) => ({ title, items }));
}

/** The person's own kind of the page's language (`en-GB`), where it is theirs. */
function localeNow(): string {
  const language = languageNow();
  return navigator.languages.find((own) => own.split('-')[0] === language) ?? language;
}

function formats(): Formats {
  const locale = localeNow();
  const known = times.get(locale);
  if (known) return known;
  const made = {
    clock: new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }),
    day: new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }),
    date: new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }),
    full: new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' }),
  };
  times.set(locale, made);
  return made;
}
