/** A stretch of time, in milliseconds since 1970: from inclusive, to exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A time that a text names, and the words that name it. */
export interface NamedTime extends Span {
  readonly words: string;
}

type Unit = 'day' | 'week' | 'month' | 'year';

const LANGUAGES = ['en', 'de', 'es', 'fr', 'it', 'pt', 'nl'];
/** Short names of months are words of other languages too: `ago`, `set`, `out`. */
const SHORT = new Set(['en', 'de']);
const UNITS: Readonly<Record<string, Unit>> = {
  day: 'day',
  days: 'day',
  tag: 'day',
  tage: 'day',
  tagen: 'day',
  week: 'week',
  weeks: 'week',
  woche: 'week',
  wochen: 'week',
  month: 'month',
  months: 'month',
  monat: 'month',
  monate: 'month',
  monaten: 'month',
  year: 'year',
  years: 'year',
  jahr: 'year',
  jahre: 'year',
  jahren: 'year',
};
const NUMBERS = ['a', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const GERMAN_NUMBERS = ['einem', 'eins', 'zwei', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun', 'zehn'];
/** First month, from 0, and how many. Of the northern half of the world. */
const SEASONS: Readonly<Record<string, number>> = {
  spring: 2,
  summer: 5,
  autumn: 8,
  fall: 8,
  winter: 11,
  frühling: 2,
  frühjahr: 2,
  sommer: 5,
  herbst: 8,
};

const DAY = String.raw`(\d{1,2})(?:st|nd|rd|th|\.)?`;
const YEAR = String.raw`((?:19|20)\d\d)`;

/** How a time is written, and what it means. */
type Form = readonly [RegExp, (found: string[], now: Date) => Span | undefined];

let known: readonly Form[] | undefined;

/** How times are written; an earlier form counts before a later one. Made when the first question comes: names of months take their time. */
function forms(): readonly Form[] {
  return (known ??= makeForms());
}

function makeForms(): Form[] {
  const months = namesOf('month', 12, (at) => new Date(Date.UTC(2026, at, 15)));
  const weekdays = namesOf('weekday', 7, (at) => new Date(Date.UTC(2026, 1, 1 + at)));
  const monthOf = (name = ''): number => months.get(name) ?? Number.NaN;
  const NAME = String.raw`(${[...months.keys()].join('|')})\.?`;
  return [
    [
      form(String.raw`${YEAR}-(\d\d)-(\d\d)`),
      ([year, month, day]) => day_(number(year), number(month) - 1, number(day)),
    ],
    [form(String.raw`${YEAR}-(\d\d)`), ([year, month]) => month_(number(year), number(month) - 1)],
    [
      form(String.raw`(\d{1,2})\.(\d{1,2})\.${YEAR}`),
      ([day, month, year]) => day_(number(year), number(month) - 1, number(day)),
    ],
    [
      form(String.raw`${DAY} (?:of |de )?${NAME}(?:,? (?:de )?${YEAR})?`),
      ([day, name, year], now) => dated(now, monthOf(name), number(day), year),
    ],
    [
      form(String.raw`${NAME} ${DAY}(?:,? ${YEAR})?`),
      ([name, day, year], now) => dated(now, monthOf(name), number(day), year),
    ],
    [form(String.raw`${NAME},? (?:of |de )?${YEAR}`), ([name, year]) => month_(number(year), monthOf(name))],
    [
      form(
        String.raw`(?:in|since|during|last|this|of|im|seit|en|desde|für|for|until|by|before|after|early|late|mid) ${NAME}`,
      ),
      ([name], now) => latestMonth(now, monthOf(name)),
    ],
    [form('day before yesterday|vorgestern'), (_, now) => back(now, 'day', 2)],
    [form('yesterday|gestern|ayer|hier'), (_, now) => back(now, 'day', 1)],
    [form('today|heute|hoy'), (_, now) => back(now, 'day', 0)],
    [
      form(String.raw`(\d+|${NUMBERS.join('|')}) (days?|weeks?|months?|years?) ago`),
      ([count = '', unit = ''], now) => around(now, UNITS[unit] ?? 'day', countOf(count)),
    ],
    [
      form(String.raw`vor (\d+|${GERMAN_NUMBERS.join('|')}|einer) (tag(?:en)?|wochen?|monat(?:en)?|jahr(?:en)?)`),
      ([count = '', unit = ''], now) => around(now, UNITS[unit] ?? 'day', countOf(count)),
    ],
    [
      form('(?:last|previous|letzte[nrs]?|vorige[nrs]?) (week|month|year|woche|monat|jahr)'),
      ([unit = ''], now) => back(now, UNITS[unit] ?? 'week', 1),
    ],
    [
      form('(?:this|current|diese[nrs]?) (week|month|year|woche|monat|jahr)'),
      ([unit = ''], now) => back(now, UNITS[unit] ?? 'week', 0),
    ],
    [
      form(
        String.raw`(?:last|this|in|im|letzten?|diesen?) (?:the )?(${Object.keys(SEASONS).join('|')})(?: (?:of )?${YEAR})?`,
      ),
      ([name = '', year], now) => season(now, SEASONS[name] ?? 0, year),
    ],
    [
      form(String.raw`(?:last|on|am|letzten) (${[...weekdays.keys()].join('|')})`),
      ([name = ''], now) => lastWeekday(now, weekdays.get(name) ?? 0),
    ],
    [form(String.raw`(?:in|of|during|since|im jahr|en) ${YEAR}`), ([year]) => year_(number(year))],
  ];
}

/** The first time that a text names, as somebody means it who looks back from `now`; days are those of UTC. */
export function timeIn(text: string, now: Date): NamedTime | undefined {
  const lower = text.toLowerCase();
  for (const [pattern, meaning] of forms()) {
    const found = pattern.exec(lower);
    const span = found && meaning(found.slice(1), now);
    if (span && Number.isFinite(span.from)) return { ...span, words: found[0] };
  }
  return undefined;
}

function form(source: string): RegExp {
  return new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${source})(?![\p{L}\p{N}])`, 'u');
}

function namesOf(part: 'month' | 'weekday', count: number, dateAt: (at: number) => Date): Map<string, number> {
  const names = new Map<string, number>();
  for (const language of LANGUAGES) {
    for (const length of part === 'month' && SHORT.has(language) ? (['long', 'short'] as const) : (['long'] as const)) {
      const formatter = new Intl.DateTimeFormat(language, { [part]: length, timeZone: 'UTC' });
      for (let at = 0; at < count; at += 1) {
        const name = formatter.format(dateAt(at)).toLowerCase().replace(/\.$/, '');
        // The first language that uses a name means it.
        if (name.length > 2 && !names.has(name)) names.set(name, at);
      }
    }
  }
  return names;
}

function number(text: string | undefined): number {
  return Number(text);
}

function countOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const at = Math.max(NUMBERS.indexOf(text), GERMAN_NUMBERS.indexOf(text));
  return Math.max(1, at);
}

function day_(year: number, month: number, day: number): Span {
  return { from: Date.UTC(year, month, day), to: Date.UTC(year, month, day + 1) };
}

function month_(year: number, month: number): Span {
  return { from: Date.UTC(year, month, 1), to: Date.UTC(year, month + 1, 1) };
}

function year_(year: number): Span {
  return { from: Date.UTC(year, 0, 1), to: Date.UTC(year + 1, 0, 1) };
}

/** A day of a month; without a year the last one that was, or is to come within half a year. */
function dated(now: Date, month: number, day: number, year: string | undefined): Span | undefined {
  if (day < 1 || day > 31) return undefined;
  if (year !== undefined) return day_(number(year), month, day);
  const span = day_(now.getUTCFullYear(), month, day);
  const isFar = span.from - now.getTime() > 183 * 86_400_000;
  return isFar ? day_(now.getUTCFullYear() - 1, month, day) : span;
}

function latestMonth(now: Date, month: number): Span {
  const year = now.getUTCFullYear();
  return month_(month > now.getUTCMonth() ? year - 1 : year, month);
}

function back(now: Date, unit: Unit, count: number): Span {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  if (unit === 'year') return year_(year - count);
  if (unit === 'month') return month_(year, month - count);
  if (unit === 'day') return day_(year, month, day - count);
  const monday = day - ((now.getUTCDay() + 6) % 7) - 7 * count;
  return { from: Date.UTC(year, month, monday), to: Date.UTC(year, month, monday + 7) };
}

/** "Three weeks ago" is meant roughly: half a unit before and after. */
function around(now: Date, unit: Unit, count: number): Span {
  const { from, to } = back(now, unit, count);
  const slack = unit === 'day' ? 0 : (to - from) / 2;
  return { from: from - slack, to: Math.min(to + slack, now.getTime()) };
}

function season(now: Date, first: number, year: string | undefined): Span {
  const begins = (of: number): number => Date.UTC(of, first, 1);
  const of =
    year === undefined ? now.getUTCFullYear() - (begins(now.getUTCFullYear()) > now.getTime() ? 1 : 0) : number(year);
  return { from: begins(of), to: Date.UTC(of, first + 3, 1) };
}

function lastWeekday(now: Date, weekday: number): Span {
  const days = (now.getUTCDay() - weekday + 7) % 7 || 7;
  return back(now, 'day', days);
}
