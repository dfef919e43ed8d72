import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../../bots/file-kind.ts';
import { packageRoot } from '../package-root.ts';

/**
 * What is wrong with a plugin, with file and line where its error tells them: at the head of the message, or as the first frame
 * that lies outside of the product. Files of the home are told from there; without any it is the plugin by its name.
 */
export function problemOf(name: string, error: Error, home: string): Problem {
  const { message } = error;
  const [, said, at = '1', rest = ''] = /(\/[^\s:]+):(\d+): ([^]+)$/.exec(message) ?? [];
  if (said !== undefined) return inFile(said, Number(at), 1, `plugin ${name}: ${rest}`, home);
  const frame = frameIn(error.stack ?? '');
  if (frame) return inFile(frame.file, frame.line, frame.column, `plugin ${name}: ${message}`, home);
  return { file: `plugin ${name}`, line: 1, column: 1, level: 'error', message };
}

function frameIn(stack: string): { file: string; line: number; column: number } | undefined {
  for (const [, url = '', line, column] of stack.matchAll(/(file:\/\/\/[^\s?()]+)(?:\?v=\d+)?:(\d+):(\d+)/g)) {
    const isOurs = url.startsWith(packageRoot.href) && !url.slice(packageRoot.href.length).startsWith('home/');
    if (!isOurs) return { file: fileURLToPath(url), line: Number(line), column: Number(column) };
  }
  return undefined;
}

function inFile(file: string, line: number, column: number, message: string, home: string): Problem {
  const inside = path.relative(home, file);
  const isInside = inside !== '' && !inside.startsWith('..') && !path.isAbsolute(inside);
  return { file: isInside ? inside : file, line, column, level: 'error', message };
}
