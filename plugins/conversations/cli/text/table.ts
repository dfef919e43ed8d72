import type { Tokens } from 'marked';
import { inlineSpans } from './inline.ts';
import { widthOfLine, wrap, type Line, type Span } from './wrap.ts';

const GAP = 3;

/** A table whose columns fit; where they do not, each row as lines of `column: value`. */
export function drawTable({ header, rows, align }: Tokens.Table, width: number): Line[] {
  const heads = header.map((cell) => spansOf(cell, true));
  const cells = rows.map((row) => row.map((cell) => spansOf(cell, false)));
  const widths = heads.map((head, column) =>
    Math.max(widthOfLine(head), ...cells.map((row) => widthOfLine(row[column] ?? []))),
  );
  const whole = widths.reduce((sum, each) => sum + each + GAP, -GAP);
  if (whole > width) return cells.flatMap((row, at) => stacked(heads, row, { width, isFirst: at === 0 }));
  const line = (row: readonly Line[]): Line =>
    row.flatMap((cell, column) => [
      ...(column > 0 ? [{ text: ' │ ', styles: ['dim'] } as const] : []),
      ...padded(cell, widths[column] ?? 0, { align: align[column] ?? null, isLast: column === row.length - 1 }),
    ]);
  const rule: Line = [{ text: widths.map((each) => '─'.repeat(each)).join('─┼─'), styles: ['dim'] }];
  return [line(heads), rule, ...cells.map(line)];
}

function spansOf({ tokens }: Tokens.TableCell, isHead: boolean): Span[] {
  const spans = inlineSpans(tokens, isHead ? ['bold'] : []);
  return spans.map(({ text, styles }) => ({ text: text.replaceAll('\n', ' '), styles }));
}

interface Padding {
  readonly align: 'left' | 'center' | 'right' | null;
  readonly isLast: boolean;
}

function padded(cell: Line, width: number, { align, isLast }: Padding): Span[] {
  const missing = Math.max(0, width - widthOfLine(cell));
  const before = align === 'right' ? missing : align === 'center' ? Math.floor(missing / 2) : 0;
  const after = isLast ? 0 : missing - before;
  return [{ text: ' '.repeat(before), styles: [] }, ...cell, { text: ' '.repeat(after), styles: [] }];
}

function stacked(
  heads: readonly Line[],
  row: readonly Line[],
  { width, isFirst }: { readonly width: number; readonly isFirst: boolean },
): Line[] {
  const lines = row.flatMap((cell, column) =>
    wrap([...(heads[column] ?? []), { text: ': ', styles: [] }, ...cell], width),
  );
  return isFirst ? lines : [[], ...lines];
}
