import type { Token, Tokens } from 'marked';
import type { Span, Style } from './wrap.ts';

const looks: Readonly<Record<string, Style>> = { strong: 'bold', em: 'italic', del: 'strikethrough' };
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** What stands inside a paragraph, in its looks. An address that is not what one reads is said. */
export function inlineSpans(tokens: readonly Token[], styles: readonly Style[] = []): Span[] {
  return tokens.flatMap((each): Span[] => {
    const token = each as Tokens.Generic;
    const look = looks[token.type];
    if (look) return inlineSpans(token.tokens ?? [], [...styles, look]);
    if (token.type === 'codespan') return [{ text: String(token['text']), styles: [...styles, 'cyan'] }];
    if (token.type === 'br') return [{ text: '\n', styles }];
    if (token.type === 'link') return link(token, inlineSpans(token.tokens ?? [], [...styles, 'underline']), styles);
    if (token.type === 'image')
      return link(token, [{ text: `Image: ${String(token['text'])}`, styles: [...styles, 'underline'] }], styles);
    if (token.type === 'html') return [{ text: token.raw, styles }];
    if (token.tokens) return inlineSpans(token.tokens, styles);
    return [{ text: readable(String(token['text'] ?? token.raw)), styles }];
  });
}

function link(token: Tokens.Generic, words: Span[], styles: readonly Style[]): Span[] {
  const href = String(token['href']);
  const said = words.map(({ text }) => text).join('');
  if (said === href || href === `mailto:${said}` || href === `http://${said}`) return words;
  return [...words, { text: ` (${href})`, styles: [...styles, 'dim'] }];
}

function readable(text: string): string {
  return text.replaceAll(/&(\w+|#39);/g, (whole, name: string) => (name === '#39' ? "'" : (entities[name] ?? whole)));
}
