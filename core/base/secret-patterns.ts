import { readFile } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';

/** A place in a text that looks like a secret. What stands there is not repeated. */
export interface FoundSecret {
  /** Id of the rule: `aws-access-token`. */
  readonly rule: string;
  /** What a secret of this kind opens, in a sentence. */
  readonly description: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The secret in the text, in UTF-16 units; `end` is behind its last. Both 0 where the file as such is a secret. */
  readonly start: number;
  readonly end: number;
}

export interface FindSecretsOptions {
  /** Path of the file: some kinds are known by it, and lock files and pictures are left out. */
  readonly path?: string;
  /** Longest time to look, in milliseconds; 2,000 by default. */
  readonly budgetMs?: number;
}

export interface SecretFindings {
  /** In the order of the text. */
  readonly found: readonly FoundSecret[];
  /** False when time or room for findings was over before every rule had seen the whole text. */
  readonly isComplete: boolean;
}

interface Allowance {
  readonly patterns?: readonly string[];
  /** What the patterns look at; the secret by default. */
  readonly target?: 'match' | 'line';
  readonly paths?: readonly string[];
  readonly words?: readonly string[];
  /** Whether all of the conditions must hold, not one of them. */
  readonly all?: true;
}

interface Rule {
  readonly id: string;
  readonly description: string;
  readonly pattern?: string;
  /** The pattern leaves out name characters in front; a whole match has them. */
  readonly hasLead?: true;
  readonly path?: string;
  readonly group?: number;
  /** The least entropy of a secret of this kind, in bits per character. */
  readonly entropy?: number;
  /** One of these stands in every text that the pattern can match, in small letters. */
  readonly keywords?: readonly string[];
  readonly allow?: readonly Allowance[];
}

interface Rules {
  readonly rules: readonly Rule[];
  readonly allow: readonly Allowance[];
}

/** A text is searched piece by piece, so that no single search takes long; a secret on a border lies whole in one of two. */
const PIECE = 64 * 1024;
const OVERLAP = 8 * 1024;
/** A text with so many is not looked at any further. */
const MOST_FOUND = 200;
/** How long the search goes on before others get their turn, in milliseconds. */
const TURN_MS = 10;
/** Finds what many others find better. */
const LAST_RULE = 'generic-api-key';

let loading: Promise<Rules> | undefined;
const compiled = new Map<string, RegExp>();

/**
 * Finds what looks like a key or a password of a known service, by the rules of gitleaks. The rules are read on first use; the event
 * loop is never held for long.
 */
export async function findSecrets(text: string, options: FindSecretsOptions = {}): Promise<SecretFindings> {
  const { path = '', budgetMs = 2_000 } = options;
  const { rules, allow } = await (loading ??= load());
  if (
    matchesOne(
      allow.flatMap(({ paths = [] }) => paths),
      path,
    )
  )
    return { found: [], isComplete: true };
  const search = new Search(text, path, allow);
  const deadline = performance.now() + budgetMs;
  let turn = performance.now();
  for (const rule of rules) {
    if (rule.path !== undefined && !expression(rule.path).test(path)) continue;
    if (rule.pattern === undefined) search.note(rule, 0, 0);
    if (rule.pattern === undefined || !search.mayHold(rule)) continue;
    for (let from = 0; from === 0 || from + OVERLAP < text.length; from += PIECE - OVERLAP) {
      search.look(rule, from);
      const now = performance.now();
      if (now > deadline || search.isFull) return { found: search.inOrder(), isComplete: false };
      if (now - turn < TURN_MS) continue;
      await breathe();
      turn = performance.now();
    }
  }
  return { found: search.inOrder(), isComplete: true };
}

async function load(): Promise<Rules> {
  const file = new URL('secret-patterns.json', import.meta.url);
  const { rules, allow } = JSON.parse(await readFile(file, 'utf8')) as Rules;
  return { rules: rules.toSorted((a, b) => Number(a.id === LAST_RULE) - Number(b.id === LAST_RULE)), allow };
}

/** One text, and what was found in it so far. */
class Search {
  readonly #text: string;
  readonly #path: string;
  readonly #small: string;
  readonly #allow: readonly Allowance[];
  readonly #found: FoundSecret[] = [];

  constructor(text: string, path: string, allow: readonly Allowance[]) {
    this.#text = text;
    this.#path = path;
    this.#small = text.toLowerCase();
    this.#allow = allow;
  }

  mayHold({ keywords }: Rule): boolean {
    return keywords?.some((word) => this.#small.includes(word)) ?? true;
  }

  /** Searches the piece of the text that begins at `from`. */
  look(rule: Rule, from: number): void {
    const piece = this.#text.length <= PIECE ? this.#text : this.#text.slice(from, from + PIECE);
    const pattern = expression(rule.pattern ?? '', 'dg');
    pattern.lastIndex = 0;
    for (let match = pattern.exec(piece); match && !this.isFull; match = pattern.exec(piece)) {
      if (match[0] === '') pattern.lastIndex += 1;
      if (this.#isCut(from, match)) continue;
      const group =
        rule.group ??
        Math.max(
          0,
          match.findIndex((part, at) => at > 0 && part),
        );
      const [start, end] = match.indices?.[group] ?? [0, 0];
      this.#judge(
        rule,
        { from: from + match.index, to: from + match.index + match[0].length },
        from + start,
        from + end,
      );
    }
  }

  note(rule: Rule, start: number, end: number): void {
    const before = this.#text.slice(0, start);
    const line = before.split('\n').length;
    const column = start - before.lastIndexOf('\n');
    this.#found.push({ rule: rule.id, description: rule.description, line, column, start, end });
  }

  get isFull(): boolean {
    return this.#found.length >= MOST_FOUND;
  }

  inOrder(): FoundSecret[] {
    return this.#found.toSorted((a, b) => a.start - b.start);
  }

  /** Whether a match touches the border of its piece, where it may be a part of something longer; another piece holds it whole. */
  #isCut(from: number, { index, 0: match }: RegExpExecArray): boolean {
    const end = index + match.length;
    return (from > 0 && index === 0) || (end === PIECE && from + PIECE < this.#text.length);
  }

  #judge(rule: Rule, match: { from: number; to: number }, start: number, end: number): void {
    if (this.#found.some((other) => start < other.end && other.start < end)) return;
    const secret = this.#text.slice(start, end);
    if (rule.entropy !== undefined && entropyOf(secret) <= rule.entropy) return;
    const lead = rule.hasLead
      ? (/[\w.-]{0,100}$/.exec(this.#text.slice(Math.max(0, match.from - 100), match.from))?.[0] ?? '')
      : '';
    const targets = {
      secret,
      match: lead + this.#text.slice(match.from, match.to),
      line: this.#lineOf(match.from, match.to),
    };
    const isAllowed = [...this.#allow, ...(rule.allow ?? [])].some((allowance) => this.#covers(allowance, targets));
    if (!isAllowed) this.note(rule, start, end);
  }

  #covers(allowance: Allowance, targets: Record<'secret' | 'match' | 'line', string>): boolean {
    const { patterns, target = 'secret', paths, words, all } = allowance;
    const small = targets.secret.toLowerCase();
    const checks = [
      patterns && matchesOne(patterns, targets[target]),
      paths && matchesOne(paths, this.#path),
      words?.some((word) => small.includes(word)),
    ].filter((check) => check !== undefined);
    return all ? checks.every(Boolean) : checks.some(Boolean);
  }

  #lineOf(from: number, to: number): string {
    const end = this.#text.indexOf('\n', to);
    return this.#text.slice(this.#text.lastIndexOf('\n', from) + 1, end < 0 ? undefined : end);
  }
}

function matchesOne(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => expression(pattern).test(text));
}

function expression(pattern: string, flags = ''): RegExp {
  const key = `${flags}/${pattern}`;
  const known = compiled.get(key) ?? new RegExp(pattern, flags);
  compiled.set(key, known);
  return known;
}

/** Shannon's entropy in bits per character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  const size = Array.from(text).length;
  return [...counts.values()].reduce((sum, count) => sum - (count / size) * Math.log2(count / size), 0);
}
