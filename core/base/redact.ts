import { encodingsOf, SHORTEST } from './encodings.ts';

/** Values with at least so many characters are taken out where they are a whole field; shorter ones nowhere. */
const SHORTEST_FIELD = 4;
/** Values that are remembered; beyond that the oldest, long since replaced, are forgotten. */
const MOST_VALUES = 2_000;

/** Text on its way, in pieces. What might be the begin of a secret waits for the next piece. */
export interface RedactedStream {
  /** What can be passed on now. */
  push(text: string): string;
  /** What has waited; call it when no more comes. */
  end(): string;
}

interface Matcher {
  readonly pattern: RegExp;
  /** The pattern, and the short values as whole strings of JSON. */
  readonly inJson: RegExp;
  /** Every form and the name of its secret. */
  readonly names: ReadonlyMap<string, string>;
  /** The forms in the order of their text, to look up what begins like something. */
  readonly sorted: readonly string[];
  readonly longest: number;
}

/**
 * Takes the secrets this process knows out of whatever leaves it: `[secret:NAME]` stands in their place. A value of eight or
 * more characters is found anywhere, plain or encoded; one of four to seven only where it is a whole field. Costs nothing
 * while nothing is known, else one pass over the text. What was known once stays known until the process ends, because it may
 * still be under way somewhere.
 */
export class Redactor {
  readonly #names = new Map<string, string>();
  #matcher: Matcher | undefined;

  /** Whether there is nothing to take out. */
  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** Remembers a value. One that is known already keeps its first name. */
  add(name: string, value: string): void {
    if (value.length < SHORTEST_FIELD) return;
    const known = this.#names.get(value);
    this.#names.delete(value);
    this.#names.set(value, known ?? name);
    if (known !== undefined) return;
    this.#matcher = undefined;
    if (this.#names.size <= MOST_VALUES) return;
    const [oldest = ''] = this.#names.keys();
    this.#names.delete(oldest);
  }

  /** The text without secrets; the same string when it holds none. */
  text(text: string): string {
    const matcher = this.#current();
    if (!matcher) return text;
    return text.replace(matcher.pattern, (form) => labelOf(matcher.names.get(form)));
  }

  /** Where secrets stand in a text, in their order. */
  find(text: string): readonly { readonly start: number; readonly end: number; readonly name: string }[] {
    const { pattern, names } = this.#current() ?? {};
    if (!pattern) return [];
    return [...text.matchAll(pattern)].map(({ 0: form, index }) => ({
      start: index,
      end: index + form.length,
      name: names?.get(form) ?? 'unknown',
    }));
  }

  /** A plain value (objects, lists, strings) without secrets in its strings and keys; the same one when it holds none. */
  value<T>(value: T): T {
    return this.isEmpty ? value : (this.#clean(value) as T);
  }

  /** As JSON.stringify, without secrets. What comes out is always JSON. */
  json(value: unknown, replacer?: (key: string, value: unknown) => unknown): string {
    const text = JSON.stringify(value, replacer);
    const matcher = this.#current();
    if (!matcher || text === undefined || text.search(matcher.inJson) < 0) return text;
    return JSON.stringify(this.#clean(JSON.parse(text)));
  }

  /** For text that comes in pieces, in which a secret may be cut in two. */
  stream(): RedactedStream {
    let held = '';
    return {
      push: (text) => {
        const matcher = this.#current();
        if (!matcher) return text;
        const whole = this.text(held + text);
        const from = beginOfForm(whole, matcher);
        held = whole.slice(from);
        return whole.slice(0, from);
      },
      end: () => {
        const rest = held;
        held = '';
        return rest;
      },
    };
  }

  #clean(value: unknown): unknown {
    if (typeof value === 'string') return this.#cleanField(value);
    if (Array.isArray(value)) {
      const items = value.map((item: unknown) => this.#clean(item));
      return items.every((item, at) => item === value[at]) ? value : items;
    }
    if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
    const before = Object.entries(value);
    const after = before.map(([key, item]): [string, unknown] => [this.text(key), this.#clean(item)]);
    const isSame = after.every(([key, item], at) => key === before[at]?.[0] && item === before[at]?.[1]);
    return isSame ? value : Object.fromEntries(after);
  }

  #cleanField(text: string): string {
    const name = text.length < SHORTEST ? this.#names.get(text) : undefined;
    return name === undefined ? this.text(text) : labelOf(name);
  }

  #current(): Matcher | undefined {
    if (this.isEmpty) return undefined;
    return (this.#matcher ??= makeMatcher(this.#names));
  }
}

/** What this process knows. Everything that leaves it goes through this one: log, answers, prompts, journals, terminal. */
export const redactor = new Redactor();

const KEY_NAME = /(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PASSPHRASE|CREDENTIALS?)$/i;

/** Remembers the values of environment variables whose names say that they are keys. */
export function redactEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const [name, value = ''] of Object.entries(environment)) {
    if (KEY_NAME.test(name) && value.length >= SHORTEST) redactor.add(name, value);
  }
}

function makeMatcher(values: ReadonlyMap<string, string>): Matcher {
  const names = new Map<string, string>();
  const fields: string[] = [];
  for (const [value, name] of values) {
    if (value.length < SHORTEST) fields.push(JSON.stringify(value));
    else for (const form of encodingsOf(value)) if (!names.has(form)) names.set(form, name);
  }
  const longestFirst = [...names.keys()].toSorted((a, b) => b.length - a.length);
  const either = (forms: readonly string[]): RegExp =>
    new RegExp(forms.map((form) => RegExp.escape(form)).join('|') || '(?!)', 'g');
  return {
    pattern: either(longestFirst),
    inJson: either([...longestFirst, ...fields]),
    names,
    sorted: longestFirst.toSorted(),
    longest: longestFirst[0]?.length ?? 0,
  };
}

/** Where the end of a text may be the begin of a form; its length when it is not. */
function beginOfForm(text: string, { sorted, longest }: Matcher): number {
  for (let from = Math.max(0, text.length - longest + 1); from < text.length; from += 1) {
    if (startsAny(sorted, text.slice(from))) return from;
  }
  return text.length;
}

/** Whether one of the texts begins like this; they are in order, so only the first that is not smaller can. */
function startsAny(sorted: readonly string[], begin: string): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < begin) low = middle + 1;
    else high = middle;
  }
  return sorted[low]?.startsWith(begin) ?? false;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function labelOf(name: string | undefined): string {
  return `[secret:${name ?? 'unknown'}]`;
}
