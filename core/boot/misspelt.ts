import { correctMisspellings, type Misspelling } from '../files/misspellings.ts';
import type { Finding } from './checks.ts';

export interface MisspeltFile {
  /** Path from the home. */
  readonly file: string;
  readonly text: string;
  readonly misspellings: readonly Misspelling[];
  readonly level: Finding['level'];
  /** Corrects the file as it then is. */
  readonly apply: NonNullable<Finding['fix']>['apply'];
}

/** The finding about a file in which something is misspelt, with the correction of what is clear; none about any other. */
export function findingOfMisspelt({ file, text, misspellings, level, apply }: MisspeltFile): Finding[] {
  if (misspellings.length === 0) return [];
  const clear = misspellings.filter(({ meant }) => meant !== undefined).length;
  const message = `${file} has what is not known: ${misspellings.map(tell).join('; ')}.`;
  const after = correctMisspellings(text, misspellings);
  const advice = `Correct the rest by hand, or remove it.`;
  return [
    {
      level,
      about: file,
      message,
      ...(clear < misspellings.length && { advice }),
      ...(clear > 0 && {
        fix: {
          does: `Corrects ${clear === 1 ? 'one word' : `${clear} words`} in ${file}.`,
          changes: [{ file, before: text, after }],
          apply,
        },
      }),
    },
  ];
}

function tell({ kind, line, found, meant }: Misspelling): string {
  const what = kind === 'key' ? 'the key' : 'the value';
  return `line ${line}, ${what} "${found}"${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`;
}
