import type { Block } from './reading.ts';

/** Paragraphs of plain text, a log or a program: what stands between empty lines. */
export function* plainBlocks(text: string): Generator<Block> {
  yield* paragraphs(text.split('\n'), 1);
}

/** Markdown: headings and paragraphs; what stands between fences is no heading. */
export function* markdownBlocks(text: string): Generator<Block> {
  const lines = text.split('\n');
  let from = 0;
  let fence: string | undefined;
  for (const [at, line] of lines.entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || (mark.startsWith(fence) && line.trim() === mark)))
      fence = fence === undefined ? mark : undefined;
    if (fence !== undefined || mark !== undefined) continue;
    const level = headingAt(lines, at);
    if (level === undefined || at < from) continue;
    yield* paragraphs(lines.slice(from, at), from + 1);
    const isUnderlined = !line.trimStart().startsWith('#');
    yield {
      text: line.replace(/^\s{0,3}#{1,6}\s*/, '').replace(/\s+#+\s*$/, ''),
      level,
      lines: [at + 1, at + (isUnderlined ? 2 : 1)],
    };
    from = at + (isUnderlined ? 2 : 1);
  }
  yield* paragraphs(lines.slice(from), from + 1);
}

function headingAt(lines: readonly string[], at: number): number | undefined {
  const line = lines[at] ?? '';
  const marks = /^ {0,3}(#{1,6})(?:\s|$)/.exec(line)?.[1];
  if (marks !== undefined) return marks.length;
  if (line.trim() === '' || /^ {0,3}(?:[-*+>|]|\d+[.)]) /.test(line)) return undefined;
  const isAlone = (lines[at - 1] ?? '').trim() === '';
  const under = /^ {0,3}(=+|-{2,})\s*$/.exec(lines[at + 1] ?? '')?.[1];
  if (under === undefined || !isAlone) return undefined;
  return under.startsWith('=') ? 1 : 2;
}

function* paragraphs(lines: readonly string[], first: number): Generator<Block> {
  let begin: number | undefined;
  for (let at = 0; at <= lines.length; at += 1) {
    const isEmpty = (lines[at] ?? '').trim() === '';
    if (!isEmpty) begin ??= at;
    else if (begin !== undefined) {
      yield { text: lines.slice(begin, at).join('\n'), lines: [first + begin, first + at - 1] };
      begin = undefined;
    }
  }
}
