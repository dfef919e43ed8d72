import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Source } from './house-source.ts';
import { listFiles, type Violation } from './house-tree.ts';

/** Properties that name a side of the screen, where one that names a side of the text says the same. */
const sides =
  /(?<![\w-])(?:(?:(?:scroll-)?(?:margin|padding)|border|inset)-(?:left|right)(?:-\w+)?|border-(?:top|bottom)-(?:left|right)-radius|left|right)\s*:|(?<![\w-])(?:text-align|float|clear)\s*:\s*(?:left|right)\b/g;
/** Four lengths, of which the second is that of the right and the fourth that of the left. */
const four = /(?<![\w-])(?:margin|padding|inset|border-width)\s*:\s*([^;{}]+)/g;

/** Styles of pages lay out along the text, so that a page reads from the right as well as from the left. */
export async function checkStyles(root: string, sources: readonly Source[]): Promise<Violation[]> {
  const modules = sources
    .filter(({ file }) => /^(core|plugins\/[^/]+)\/ui\//.test(file))
    .flatMap(({ file, text }) =>
      Array.from(text.matchAll(/\bcss`([^`]*)`/g), ({ 1: styles = '', index }) => ({
        file,
        styles,
        before: text.slice(0, index),
      })),
    );
  const sheets = await Promise.all(
    listFiles(root, ['{core,plugins}/**/*.css']).map(async (file) => ({
      file,
      styles: await readFile(path.join(root, file), 'utf8'),
      before: '',
    })),
  );
  return [...modules, ...sheets].flatMap(({ file, styles, before }) =>
    [...styles.matchAll(sides), ...Array.from(styles.matchAll(four)).filter(([, value = '']) => isLopsided(value))].map(
      ({ 0: what, index }): Violation => ({
        rule: 'sides',
        file,
        line: `${before}${styles.slice(0, index)}`.split('\n').length,
        message: `lays out by a side of the screen (${what.trim()}): write inline-start or inline-end`,
      }),
    ),
  );
}

function isLopsided(value: string): boolean {
  const lengths = value.trim().match(/(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
  return lengths.length === 4 && lengths[1] !== lengths[3];
}
