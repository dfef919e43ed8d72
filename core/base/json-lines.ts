import { redactor } from './redact.ts';

export interface JsonLines {
  readonly values: unknown[];
  /** Bytes from the start that hold whole, readable lines. */
  readonly goodBytes: number;
  /** What follows them: a torn line of a crash, or damage. Empty when the text is whole. */
  readonly rest: string;
}

/** One value as a line, without secrets. Line breaks inside strings are escaped by JSON, so a line is always one value. */
export function toJsonLine(value: unknown): string {
  return `${redactor.json(value)}\n`;
}

/** Reads lines up to the first that is not whole JSON followed by a line feed. */
export function parseJsonLines(text: string): JsonLines {
  const values: unknown[] = [];
  let start = 0;
  for (;;) {
    const end = text.indexOf('\n', start);
    if (end < 0) break;
    try {
      values.push(JSON.parse(text.slice(start, end)));
    } catch {
      break;
    }
    start = end + 1;
  }
  return { values, goodBytes: Buffer.byteLength(text.slice(0, start)), rest: text.slice(start) };
}
