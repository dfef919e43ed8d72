import { existsSync } from 'node:fs';
import path from 'node:path';

export const CONFIG_FILE = 'boternity.config.ts';

/** The nearest boternity.config.ts from a folder upward. */
export function findConfig(from: string): string | undefined {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const file = path.join(folder, CONFIG_FILE);
    if (existsSync(file)) return file;
    if (folder === path.dirname(folder)) return undefined;
  }
}
