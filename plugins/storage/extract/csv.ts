import type { Block } from './reading.ts';

/** Rows of a table in text, each as `column: value` where the first row names the columns. */
export function* csvBlocks(text: string): Generator<Block> {
  const mark = separatorOf(text);
  let names: readonly string[] | undefined;
  for (const { cells, lines } of rowsOf(text, mark)) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (names === undefined) {
      names = cells.map((cell) => cell.trim());
      if (isHeader(names)) continue;
      names = [];
    }
    yield { text: rowText(cells, names), lines };
  }
}

function rowText(cells: readonly string[], names: readonly string[]): string {
  const values = cells.map((cell) => cell.replaceAll(/\s+/g, ' ').trim());
  if (names.length === 0) return values.join('; ');
  return values
    .flatMap((value, at) => (value === '' ? [] : [`${names[at] || `column ${at + 1}`}: ${value}`]))
    .join('; ');
}

/** Names, all different, none of them a number. */
function isHeader(cells: readonly string[]): boolean {
  const named = cells.filter((cell) => cell !== '');
  return named.length > 0 && new Set(named).size === named.length && !named.some((cell) => /^[-+]?[\d.,]+$/.test(cell));
}

/** The separator that the first line has most of, outside of quotes. */
function separatorOf(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const bare = line.replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((mark) => [mark, bare.split(mark).length] as const);
  return counts.toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? ',';
}

interface Row {
  readonly cells: readonly string[];
  readonly lines: readonly [number, number];
}

/** RFC 4180, and what programs make of it: a quote that never ends goes to the end of its line. */
function* rowsOf(text: string, mark: string): Generator<Row> {
  let cells: string[] = [];
  let at = 0;
  let line = 1;
  let begun = 1;
  while (at < text.length) {
    const quoted = text[at] === '"' ? closing(text, at) : undefined;
    const end = quoted === undefined ? nextOf(text, at, mark) : nextOf(text, quoted + 1, mark);
    const raw = quoted === undefined ? text.slice(at, end) : text.slice(at + 1, quoted).replaceAll('""', '"');
    cells.push(raw);
    line += quoted === undefined ? 0 : raw.split('\n').length - 1;
    if (text[end] !== mark) {
      yield { cells, lines: [begun, line] };
      line += 1;
      begun = line;
      cells = [];
    } else if (end === text.length - 1) cells.push('');
    at = end + 1;
  }
  if (cells.length > 0) yield { cells, lines: [begun, line] };
}

/** Where the quote that opens at `from` closes, at most some thousand characters on. */
function closing(text: string, from: number): number | undefined {
  const limit = Math.min(text.length, from + 100_000);
  for (let at = from + 1; at < limit; at += 1) {
    if (text[at] !== '"') continue;
    if (text[at + 1] !== '"') return at;
    at += 1;
  }
  return undefined;
}

function nextOf(text: string, from: number, mark: string): number {
  const end = text.indexOf('\n', from);
  const next = text.indexOf(mark, from);
  const ends = [end, next].filter((each) => each >= 0);
  return ends.length > 0 ? Math.min(...ends) : text.length;
}
