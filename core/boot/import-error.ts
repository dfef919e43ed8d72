import { fileURLToPath } from 'node:url';

/** Why a module could not be loaded, in one line, with file and line where the error tells them: a syntax error does so at the head of its stack. */
export function describeImportError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [message = ''] = error.message.split('\n');
  const [, file, line] = /^((?:file:\/)?\/[^\n]+?)(?:\?v=\d+)?:(\d+)\n/.exec(error.stack ?? '') ?? [];
  if (file === undefined) return message;
  return `${file.startsWith('file:') ? fileURLToPath(file) : file}:${line}: ${message}`;
}
