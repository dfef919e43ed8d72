import { Marked, type Token, type Tokens } from 'marked';
import { inlineSpans } from './inline.ts';
import { drawTable } from './table.ts';
import { charactersOf, widthOf } from 'boternity';
import { paint, wrap, type Line, type Span, type Style } from './wrap.ts';

const marked = new Marked({ gfm: true, breaks: true });
const NARROWEST = 8;
const LONGEST_RULE = 40;
const QUOTED: Span = { text: '│ ', styles: ['dim'] };

/** Markdown as lines for a terminal of that width. What cannot be read as Markdown stays as it is. */
export function drawMarkdown(source: string, width: number): string[] {
  const room = Math.max(NARROWEST, width);
  try {
    return drawBlocks(marked.lexer(source), room).map(paint);
  } catch {
    return wrap([{ text: source, styles: [] }], room).map(paint);
  }
}

/** A line of a program, indented as programs are shown. */
export function drawCodeLine(text: string, width: number): string[] {
  return codeLines(text, Math.max(NARROWEST, width)).map(paint);
}

/** The first line of a program: in which language it is. */
export function drawCodeHead(language: string): string[] {
  const name = /^[\w+#.-]{1,30}/.exec(language.trim())?.[0];
  return name === undefined ? [] : [paint([{ text: `  ${name}`, styles: ['dim'] }])];
}

function drawBlocks(tokens: readonly Token[], width: number): Line[] {
  const blocks = tokens.filter(({ type }) => type !== 'space' && type !== 'def');
  return blocks.flatMap((token, at) => {
    const lines = drawBlock(token, width);
    // The words of an item and the list below them belong together.
    const isApart = at > 0 && blocks[at - 1]?.type !== 'text';
    return isApart ? [[] as Line].concat(lines) : lines;
  });
}

function drawBlock(block: Token, width: number): Line[] {
  const token = block as Tokens.Generic;
  if (token.type === 'heading') return drawHeading(token as Tokens.Heading, width);
  if (token.type === 'code') return drawCode(token as Tokens.Code, width);
  if (token.type === 'list') return drawList(token as Tokens.List, width);
  if (token.type === 'table') return drawTable(token as Tokens.Table, width);
  if (token.type === 'blockquote')
    return drawBlocks(token.tokens ?? [], Math.max(NARROWEST, width - 2)).map((line) => [QUOTED].concat(line));
  if (token.type === 'hr') return [[{ text: '─'.repeat(Math.min(width, LONGEST_RULE)), styles: ['dim'] }]];
  if (token.type === 'html') return wrap([{ text: token.raw.trimEnd(), styles: [] }], width);
  return wrap(inlineSpans(token.tokens ?? [token]), width);
}

function drawHeading({ depth, tokens }: Tokens.Heading, width: number): Line[] {
  const styles: Style[] = depth === 1 ? ['bold', 'underline'] : ['bold'];
  // Without colours a heading would look like any other line.
  const isPlain = paint([{ text: 'x', styles: ['bold'] }]) === 'x';
  const mark: Span[] = isPlain ? [{ text: `${'#'.repeat(depth)} `, styles: [] }] : [];
  return wrap([...mark, ...inlineSpans(tokens, styles)], width);
}

function drawCode({ text, lang }: Tokens.Code, width: number): Line[] {
  const name = /^[\w+#.-]{1,30}/.exec(lang ?? '')?.[0];
  const head: Line[] = name === undefined ? [] : [[{ text: `  ${name}`, styles: ['dim'] }]];
  return [...head, ...text.split('\n').flatMap((line) => codeLines(line, width))];
}

/** Programs are not wrapped between words: each space counts. */
function codeLines(text: string, width: number): Line[] {
  const lines: string[] = [''];
  let taken = 0;
  for (const character of charactersOf(text.replaceAll('\t', '    '))) {
    if (taken + widthOf(character) > width - 2) {
      lines.push('');
      taken = 0;
    }
    lines.push(`${lines.pop()}${character}`);
    taken += widthOf(character);
  }
  return lines.map((line) => (line === '' ? [] : [{ text: `  ${line}`, styles: ['cyan'] }]));
}

function drawList({ ordered, start, items }: Tokens.List, width: number): Line[] {
  return items.flatMap((item, at) => {
    const task = item.task ? (item.checked ? '☑ ' : '☐ ') : '';
    const mark = ordered ? `${Number(start) + at}. ` : task === '' ? '• ' : task;
    const indent = widthOf(mark);
    const tokens = item.tokens.filter(({ type }) => type !== 'checkbox');
    const lines = drawBlocks(tokens, Math.max(NARROWEST, width - indent));
    const first: Span = { text: mark, styles: ordered ? [] : ['dim'] };
    const other: Span = { text: ' '.repeat(indent), styles: [] };
    const drawn = (lines.length > 0 ? lines : [[]]).map((line, index): Line => {
      return index > 0 && line.length === 0 ? line : [index === 0 ? first : other].concat(line);
    });
    return item.loose && at > 0 ? [[], ...drawn] : drawn;
  });
}
