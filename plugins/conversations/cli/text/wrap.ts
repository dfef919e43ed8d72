import { styleText } from 'node:util';
import { fitting, widthOf } from 'boternity';

export type Style = 'bold' | 'italic' | 'dim' | 'cyan' | 'underline' | 'strikethrough' | 'yellow' | 'red' | 'green';

/** A text in one look. */
export interface Span {
  readonly text: string;
  readonly styles: readonly Style[];
}

export type Line = readonly Span[];

const WORDS =
  /\s+|[\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff60]|[^\s\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff60]+/gu;

/** Breaks spans into lines that fit, between words where that is possible; a line break in a span begins a line. */
export function wrap(spans: readonly Span[], width: number): Line[] {
  const lines: Span[][] = [[]];
  let taken = 0;
  const next = (): void => {
    lines.push([]);
    taken = 0;
  };
  for (const { text, styles } of spans) {
    for (const [at, part] of text.split('\n').entries()) {
      if (at > 0) next();
      for (const [word] of part.matchAll(WORDS)) {
        const isSpace = /^\s/.test(word);
        if (taken + widthOf(word) > width && taken > 0) {
          next();
          if (isSpace) continue;
        }
        if (isSpace && taken === 0) continue;
        for (let rest = word; rest !== '';) {
          const piece = fitting(rest, width - taken);
          lines.at(-1)?.push({ text: piece, styles });
          taken += widthOf(piece);
          rest = rest.slice(piece.length);
          if (rest !== '') next();
        }
      }
    }
  }
  return lines;
}

/** A line as the terminal gets it. Without colours it is the text alone. */
export function paint(line: Line): string {
  return line.map(({ text, styles }) => (styles.length > 0 ? styleText([...styles], text) : text)).join('');
}

export function widthOfLine(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}
