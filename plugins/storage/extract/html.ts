import { Parser } from 'htmlparser2';
import { Unreadable, type Block } from './reading.ts';

const SKIPPED = new Set('script style noscript template iframe object embed canvas audio video head'.split(' '));
/** Elements that end the paragraph before them and their own. */
const BLOCKS = new Set(
  'address article aside blockquote br caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th title tr ul'.split(
    ' ',
  ),
);
const DEPTH = 2_000;

/** Headings and paragraphs of a page, with the lines of the file they stand in; nothing that is not shown. Of other XML its words. */
export function htmlBlocks(html: string): Block[] {
  const blocks: Block[] = [];
  const lineAt = lineCounter(html);
  const open: string[] = [];
  let skippedAt = 0;
  let words = '';
  let begin = 0;
  const flush = (end: number, level?: number): void => {
    const text = words.replaceAll(/\s+/g, ' ').trim();
    words = '';
    if (text === '') return;
    blocks.push({ text, lines: [lineAt(begin), lineAt(end)], ...(level !== undefined && { level }) });
  };
  const parser = new Parser(
    {
      onopentag(name, { hidden, style = '' }) {
        open.push(name);
        if (open.length > DEPTH) throw new Unreadable('It is nested too deeply.');
        if (skippedAt > 0) return;
        if (BLOCKS.has(name)) flush(parser.startIndex);
        const isHidden = hidden !== undefined || /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style);
        if (SKIPPED.has(name) || isHidden) skippedAt = open.length;
      },
      onclosetag(name) {
        const depth = open.length;
        open.pop();
        if (skippedAt === depth) skippedAt = 0;
        else if (skippedAt === 0 && BLOCKS.has(name)) flush(parser.startIndex, levelOf(name));
      },
      ontext(text) {
        if (skippedAt > 0) return;
        if (words.trim() === '' && text.trim() !== '') begin = parser.startIndex + text.search(/\S/);
        words += text;
      },
    },
    { decodeEntities: true },
  );
  parser.end(html);
  flush(html.length);
  return blocks;
}

function levelOf(name: string): number | undefined {
  const level = /^h([1-6])$/.exec(name)?.[1];
  return level === undefined ? undefined : Number(level);
}

/** Lines by position; positions must not go back far. */
function lineCounter(text: string): (at: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (at) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
