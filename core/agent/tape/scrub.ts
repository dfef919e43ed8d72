import os from 'node:os';
import { Redactor, redactor } from '../../base/redact.ts';
import { findSecrets } from '../../base/secret-patterns.ts';

/** What stands where something was taken out: `[secret]`, `[secret:OPENAI_API_KEY]`, `[email]`, `[home]`, `[user]`, `[account]`. */
export const TAKEN_OUT = /\[(?:secret(?::[^\]]*)?|email|home|user|account)\]/g;

/** Longest search for what looks like a key, in milliseconds. */
const SEARCH_MS = 10_000;

interface Span {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

/** Number of an account of AWS inside of a name of a resource. */
const ARN_ACCOUNT = /(?<=arn(?::|%3A)aws[\w-]*(?::|%3A)[\w-]*(?::|%3A)[\w-]*(?::|%3A))\d{12}/gi;

const ID_FIELD = /(organi[sz]ation|account|workspace|tenant|project|customer)_?id$|^organi[sz]ation$/i;

/** Names of users and machines that are words like others. */
const COMMON = new Set([
  'root',
  'user',
  'admin',
  'node',
  'home',
  'test',
  'runner',
  'guest',
  'ubuntu',
  'debian',
  'localhost',
]);

const personal: readonly (readonly [RegExp, string])[] = [
  [/(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}?(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/giu, '[email]'],
  [/(?:\/home\/|\/Users\/|\b[A-Za-z]:\\{1,4}Users\\{1,4})[^/\\\s"'<>:;,()[\]{}|]+/g, '[home]'],
  [ARN_ACCOUNT, '[account]'],
  [/\b(?:org|proj|user|acct|team|wrkspc)[-_](?=[A-Za-z]*\d)[A-Za-z0-9]{8,}/g, '[account]'],
  [/\b(?:sk|pk|rk)-[\w*.-]{8,}[\w*]/g, '[secret]'],
  [/(?<=\bBearer )[\w.~+/-]{8,}=*/g, '[secret]'],
];

/**
 * Takes keys and what tells of a person out of texts: secrets that the process knows, what it has learned here and what looks like
 * one, addresses of mail, home folders, names of the user and the machine, ids of accounts. The same value gives the same everywhere.
 */
export class Scrubber {
  readonly #learned = new Redactor();
  readonly #patterns: readonly (readonly [RegExp, string])[];

  /** `folders` are those of this machine that shall not be told. */
  constructor(folders: readonly string[] = []) {
    this.#patterns = [...ofMachine(folders), ...personal];
  }

  /** Remembers a value that must not be seen; what has less than four letters is no secret. */
  learn(value: string, name: 'secret' | 'account' = 'secret'): void {
    this.#learned.add(name, value);
  }

  /** Looks for keys of known services and accounts, and remembers them. False when the text was too much for it. */
  async study(text: string): Promise<boolean> {
    for (const [account] of text.matchAll(ARN_ACCOUNT)) this.learn(account, 'account');
    const { found, isComplete } = await findSecrets(text, { budgetMs: SEARCH_MS });
    for (const { start, end } of found) if (!isTakenOut(text.slice(start, end))) this.learn(text.slice(start, end));
    return isComplete;
  }

  text(text: string): string {
    return this.pieces([text])[0] ?? '';
  }

  /** One text that came in pieces, in which anything may be cut; as many pieces come back. */
  pieces(pieces: readonly string[]): string[] {
    const spans = this.#find(pieces.join(''));
    let at = 0;
    return pieces.map((piece) => {
      const from = at;
      at += piece.length;
      return cutOut(piece, from, spans);
    });
  }

  /** A value of JSON. */
  value(value: unknown, field = ''): unknown {
    if (typeof value === 'string') {
      if (ID_FIELD.test(field) && value !== '') return '[account]';
      return this.text(value.length < 8 ? unlabelled(this.#learned.value(redactor.value(value))) : value);
    }
    if (Array.isArray(value)) return value.map((item: unknown) => this.value(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.value(item, key)]));
  }

  #find(text: string): Span[] {
    const secrets = [
      ...redactor.find(text).map(({ start, end, name }) => ({ start, end, put: `[secret:${name}]` })),
      ...this.#learned.find(text).map(({ start, end, name }) => ({ start, end, put: `[${name}]` })),
    ];
    const others = this.#patterns.flatMap(([pattern, put]) =>
      [...text.matchAll(pattern)].map(({ 0: found, index }) => ({ start: index, end: index + found.length, put })),
    );
    return merged([...secrets, ...others]);
  }
}

function isTakenOut(text: string): boolean {
  return text.search(TAKEN_OUT) >= 0;
}

function unlabelled(text: string): string {
  return text.replace(/^\[secret:(secret|account)\]$/, '[$1]');
}

function ofMachine(folders: readonly string[]): (readonly [RegExp, string])[] {
  const { username } = os.userInfo();
  const places = [os.homedir(), ...folders]
    .filter((folder) => folder.length > 3)
    .toSorted((a, b) => b.length - a.length);
  const names = [username, os.hostname()].filter((name) => name.length > 2 && !COMMON.has(name.toLowerCase()));
  return [
    ...places.map((folder) => [new RegExp(`${RegExp.escape(folder)}(?![\\w-])`, 'g'), '[home]'] as const),
    ...names.map((name) => [new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`, 'gi'), '[user]'] as const),
  ];
}

/** Without overlaps: what touches becomes one, under the name of the first. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (!last || span.start >= last.end) result.push(span);
    else if (span.end > last.end) result[result.length - 1] = { ...last, end: span.end };
  }
  return result;
}

/** A piece that begins at `from` of its text; what stands for something is put where that begins. */
function cutOut(piece: string, from: number, spans: readonly Span[]): string {
  let text = '';
  let at = from;
  for (const { start, end, put } of spans) {
    if (end <= from || start >= from + piece.length) continue;
    text += piece.slice(at - from, Math.max(start, from) - from) + (start >= from ? put : '');
    at = Math.min(end, from + piece.length);
  }
  return text + piece.slice(at - from);
}
