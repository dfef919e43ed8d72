import type { TokenizerAndRendererExtension } from 'marked';

/** A longer formula is no formula. */
const LONGEST = 4_000;
const LINES = new RegExp(
  String.raw`^ {0,3}(?:\$\$(?!\$)([^]{1,${LONGEST}}?)\$\$|\\\[([^]{1,${LONGEST}}?)\\\])[ \t]*(?:\n+|$)`,
);
const SHOWN = new RegExp(String.raw`^(?:\$\$(?![\s$])([^$\n]{1,${LONGEST}}?)\$\$|\\\[([^\n]{1,${LONGEST}}?)\\\])`);
const ROUND = new RegExp(String.raw`^\\\(([^\n]{1,${LONGEST}}?)\\\)`);
const DOLLARS = new RegExp(
  String.raw`^\$(?![\s$])((?:\\[^\n]|[^\\$\n]){0,${LONGEST}}?(?:\\[^\n]|[^\\$\s]))\$(?![\p{L}\p{N}$])`,
  'u',
);

/** `$$ … $$` and `\[ … \]` on lines of their own. */
export const mathOnLines: TokenizerAndRendererExtension = {
  name: 'mathOnLines',
  level: 'block',
  start: (source) => placeOf(/\n {0,3}(?:\$\$|\\\[)/, source),
  tokenizer(source) {
    const found = LINES.exec(source);
    const text = (found?.[1] ?? found?.[2] ?? '').trim();
    return found && text !== '' ? { type: 'mathOnLines', raw: found[0], text } : undefined;
  },
  renderer: ({ text }) => `<p>${formula(String(text), true)}</p>`,
};

/** `$…$` where it is no money, `\(…\)`, and the two of lines of their own within one. */
export const mathInLine: TokenizerAndRendererExtension = {
  name: 'mathInLine',
  level: 'inline',
  start: (source) => placeOf(/\$|\\[([]/, source),
  tokenizer(source, before) {
    const shown = SHOWN.exec(source);
    const round = ROUND.exec(source);
    const dollars = DOLLARS.exec(source);
    const found = shown ?? round ?? (isMath(dollars?.[1], lastOf(before)) ? dollars : null);
    const text = (found?.[1] ?? found?.[2] ?? '').trim();
    if (!found || text === '') return undefined;
    return { type: 'mathInLine', raw: found[0], text, isShown: shown !== null };
  },
  renderer: (token) => formula(String(token['text']), token['isShown'] === true),
};

/** What drawing makes a formula of. */
function formula(text: string, isShown: boolean): string {
  return `<code class="${isShown ? 'formula shown' : 'formula'}">${escape(text)}</code>`;
}

export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `$5 and 6$` is money: what begins with a number and has words needs a sign of mathematics to be some. */
function isMath(text: string | undefined, before: string): boolean {
  if (text === undefined || /[\p{L}\p{N}$\\]/u.test(before)) return false;
  return !/^[\d.,]+\s*\S*\s/.test(text) || /[\\^_=+*/<>{}|−×·-]/.test(text);
}

function lastOf(tokens: readonly { readonly raw: string }[]): string {
  return tokens.at(-1)?.raw.at(-1) ?? '';
}

function placeOf(pattern: RegExp, source: string): number | undefined {
  const place = source.search(pattern);
  return place < 0 ? undefined : place;
}
