import { readFile } from 'node:fs/promises';
import { Fault } from '../base/fault.ts';

/** Shells for which there is a script. */
export const shells: readonly string[] = ['bash', 'zsh', 'fish'];

/** What a shell runs to complete the command line of `bnity`. Throws USAGE_WRONG for a shell that is not known. */
export async function completionScript(shell: string | undefined): Promise<string> {
  if (shell !== undefined && shells.includes(shell))
    return readFile(new URL(`completions/bnity.${shell}`, import.meta.url), 'utf8');
  const what = shell === undefined ? 'A shell must be named.' : `There is no completion for "${shell}".`;
  throw new Fault('USAGE_WRONG', what, { hint: `Name one of: ${shells.join(', ')}.` });
}
