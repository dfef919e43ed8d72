export interface Words {
  readonly words: readonly string[];
  /** What follows a lone `--`; undefined without one. */
  readonly rest: string | undefined;
}

/**
 * Splits a line as a shell does: blanks part words, quotes keep them together, a backslash takes the next character as it
 * is. JSON after `args=` may stand bare. Undefined when a quote or a brace stays open.
 */
export function splitWords(line: string): Words | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    const char = line[at] ?? '';
    if (char === ' ' || char === '\t') {
      if (word === '--') return { words, rest: line.slice(at).trim() };
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    const piece = readPiece(line, at, word === 'args=');
    if (!piece) return undefined;
    word = (word ?? '') + piece.text;
    at = piece.end;
  }
  if (word === '--') return { words, rest: '' };
  if (word !== undefined) words.push(word);
  return { words, rest: undefined };
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

function readPiece(line: string, at: number, mayBeJson: boolean): Piece | undefined {
  const char = line[at] ?? '';
  if (char === "'") return readSingle(line, at);
  if (char === '"') return readDouble(line, at);
  if (char === '{' && mayBeJson) return readBraces(line, at);
  if (char === '\\') return { text: line[at + 1] ?? '', end: at + 2 };
  return { text: char, end: at + 1 };
}

function readSingle(line: string, at: number): Piece | undefined {
  const end = line.indexOf("'", at + 1);
  return end < 0 ? undefined : { text: line.slice(at + 1, end), end: end + 1 };
}

function readDouble(line: string, at: number): Piece | undefined {
  let text = '';
  for (let end = at + 1; end < line.length; end += 1) {
    const char = line[end] ?? '';
    if (char === '"') return { text, end: end + 1 };
    const next = line[end + 1] ?? '';
    const isEscape = char === '\\' && (next === '"' || next === '\\');
    text += isEscape ? next : char;
    if (isEscape) end += 1;
  }
  return undefined;
}

function readBraces(line: string, at: number): Piece | undefined {
  let depth = 0;
  let isInString = false;
  for (let end = at; end < line.length; end += 1) {
    const char = line[end];
    if (isInString && char === '\\') end += 1;
    else if (char === '"') isInString = !isInString;
    else if (!isInString && char === '{') depth += 1;
    else if (!isInString && char === '}') depth -= 1;
    if (depth === 0) return { text: line.slice(at, end + 1), end: end + 1 };
  }
  return undefined;
}
