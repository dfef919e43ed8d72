import { findSecrets, redactor } from 'boternity';
import { patterns } from './patterns.ts';
import { hasUnseen, undisguised } from './undisguised.ts';

/** Characters of which nobody can say what they mean are many from here on. */
const CODED =
  /[A-Za-z0-9+/_-]{72,}={0,2}|(?:[0-9a-f]{2}[\s:]?){72,}|(?:\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|&#x?[0-9a-f]+;|%[0-9a-f]{2}){10,}|data:[^\s,]{0,80};base64,/gi;
/** A shorter one that comes with the wish to have it read. */
const CODED_AND_ASKED =
  /\b(?:decode|base64|base 64|rot13|hex|dekodiere|atob|unescape)\b[^]{0,80}?[A-Za-z0-9+/]{20,}={0,2}/i;

/**
 * What stands against letting other bots read a text, a sentence each; empty when nothing does. It looks for words to a model instead
 * of facts, for disguises and for secrets. It finds what is known, no more: what others read stays material, never an instruction.
 */
export async function screen(text: string): Promise<string[]> {
  const found = new Set<string>();
  if (hasUnseen(text)) found.add('it holds characters that nobody sees');
  if (isCoded(text)) found.add('it holds a long piece that is coded');
  const readings = undisguised(text);
  for (const [what, pattern] of patterns) if (readings.some((reading) => pattern.test(reading))) found.add(what);
  if (await hasSecret(text)) found.add('it holds what looks like a secret');
  return [...found];
}

function isCoded(text: string): boolean {
  if (CODED_AND_ASKED.test(text)) return true;
  return [...text.matchAll(CODED)].some(([piece]) => {
    const isWord = /^[A-Za-z]+$|^[-_]+$/.test(piece) || piece.split(/[/_-]/).every((part) => part.length < 30);
    return !isWord;
  });
}

/** Keys of services that nobody has a rule for. */
const KEY =
  /\b(?:sk|pk|rk|gh[opsu]|glpat|xox[abp])[-_][\w-]{16,}|(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)(?<![\w/-])[\w-]{32,}/;

async function hasSecret(text: string): Promise<boolean> {
  if (redactor.find(text).length > 0 || KEY.test(text)) return true;
  const { found } = await findSecrets(text, { budgetMs: 200 });
  return found.length > 0;
}

/** Texts of which is known what was found in them. */
const MOST_KNOWN = 2_000;

/** Screens texts, each once: what others are given is looked at whenever it is read. */
export class Screener {
  readonly #known = new Map<string, readonly string[]>();

  /** As `screen`; `key` stands for the text. */
  async of(key: string, text: string): Promise<readonly string[]> {
    const known = this.#known.get(key);
    // The process may have learned a secret since.
    if (known && redactor.find(text).length === 0) return known;
    const found = await screen(text);
    this.#known.set(key, found);
    const [oldest] = this.#known.size > MOST_KNOWN ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    return found;
  }
}
