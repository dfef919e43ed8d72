import { Lexer, Marked, type Token, type TokensList } from 'marked';
import type remend from 'remend';
import { mathInLine, mathOnLines } from './markdown-math.ts';

/** A paragraph, list, table or piece of code. Two blocks with the same key look the same. */
export interface MarkdownBlock {
  readonly key: string;
  readonly token: Token;
  /** It is code of which more may come. */
  readonly isOpen: boolean;
}

/** Turns tokens into HTML. What draws sets how. */
export const marked = new Marked({ gfm: true, breaks: true, extensions: [mathOnLines, mathInLine] });

/** Closes half-open marks; what is half a formula stays as it is written, and so does what looks like HTML. */
const CLOSING = { linkMode: 'text-only', katex: false, inlineKatex: false, htmlTags: false } as const;

let close: typeof remend | undefined;
let closing: Promise<void> | undefined;

/** Loaded when the first text grows; until it has come, half-open marks stand as they are. */
function loadClosing(): void {
  closing ??= import('remend').then(
    (module) => void (close = module.default),
    () => void (closing = undefined),
  );
}

/**
 * Reads Markdown into blocks. Of a text that grows it reads only what may still change: its last block. Half-open marks of
 * that one are closed, so that bold is bold from its first letter on.
 */
export class BlockReader {
  #settled = '';
  #blocks: readonly MarkdownBlock[] = [];
  #links: TokensList['links'] = {};

  read(markdown: string, isGrowing: boolean): readonly MarkdownBlock[] {
    const text = markdown.replaceAll(/\r\n?/g, '\n');
    if (!text.startsWith(this.#settled)) this.#forget();
    const tail = text.slice(this.#settled.length);
    const { tokens, links } = lex(tail, this.#links);
    const last = tokens.findLastIndex(hasContent);
    const before = tokens.slice(0, Math.max(last, 0));
    const raw = before.map((token) => token.raw).join('');
    const blocks = [...this.#blocks, ...before.filter(hasContent).map(closed)];
    if (isGrowing && tail.startsWith(raw)) {
      this.#settled += raw;
      this.#blocks = blocks;
      this.#links = links;
    }
    const token = tokens[last];
    return token ? [...blocks, ...(isGrowing ? this.#growing(token) : [closed(token)])] : blocks;
  }

  #growing(token: Token): MarkdownBlock[] {
    if (token.type === 'code') {
      const isOpen = isFenced(token.raw) && !/\n {0,3}(?:`{3,}|~{3,})\s*$/.test(token.raw);
      return [{ key: isOpen ? `${token.raw}\0open` : token.raw, token, isOpen }];
    }
    // A mark behind a space would close nothing, and one with nothing behind it opens nothing yet.
    const raw = token.raw
      .trimEnd()
      .replace(/(?<=\S\s+)[*_~`[]{1,3}$/, '')
      .trimEnd();
    loadClosing();
    const whole = close?.(raw, CLOSING) ?? raw;
    if (whole === token.raw) return [closed(token)];
    return lex(whole, this.#links).tokens.filter(hasContent).map(closed);
  }

  #forget(): void {
    this.#settled = '';
    this.#blocks = [];
    this.#links = {};
  }
}

function lex(text: string, links: TokensList['links']): { tokens: TokensList; links: TokensList['links'] } {
  const lexer = new Lexer(marked.defaults);
  Object.assign(lexer.tokens.links, links);
  const tokens = lexer.lex(text);
  return { tokens, links: { ...tokens.links } };
}

function isFenced(raw: string): boolean {
  return /^ {0,3}(?:`{3,}|~{3,})/.test(raw);
}

function hasContent({ type }: Token): boolean {
  return type !== 'space' && type !== 'def';
}

function closed(token: Token): MarkdownBlock {
  return { key: token.raw, token, isOpen: false };
}
