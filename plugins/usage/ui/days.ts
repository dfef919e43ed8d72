/** Spans of days that are summed up. */
export type Span = 'today' | 'month';

const DAY_MS = 24 * 60 * 60 * 1_000;
const MONTH_DAYS = 30;

/** The first day of a span as `yyyy-mm-dd`; undefined for today, since the server knows best which day that is. */
export function firstOf(span: Span): string | undefined {
  if (span === 'today') return undefined;
  const at = new Date(new Date().setHours(12, 0, 0, 0) - (MONTH_DAYS - 1) * DAY_MS);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
