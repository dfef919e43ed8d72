import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { redactor } from './redact.ts';

export interface JsonLines {
  readonly values: unknown[];
  /** Bytes from the start that hold whole, readable lines. */
  readonly goodBytes: number;
}

/** Longest time that reading keeps everything else waiting, in milliseconds. */
const SLICE_MS = 8;

/** One value as a line, without secrets. Line breaks inside strings are escaped by JSON, so a line is always one value. */
export function toJsonLine(value: unknown): string {
  return `${redactor.json(value)}\n`;
}

/** Reads lines up to the first that is not whole JSON in UTF-8 followed by a line feed. Lets others work in between. */
export async function readJsonLines(bytes: Buffer): Promise<JsonLines> {
  const values: unknown[] = [];
  let start = 0;
  let began = performance.now();
  for (;;) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) break;
    const line = bytes.subarray(start, end);
    try {
      if (!isUtf8(line)) break;
      values.push(JSON.parse(line.toString()));
    } catch {
      break;
    }
    start = end + 1;
    if (performance.now() - began < SLICE_MS) continue;
    await nextTurn();
    began = performance.now();
  }
  return { values, goodBytes: start };
}
