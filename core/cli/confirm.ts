import { createInterface } from 'node:readline/promises';
import { Fault } from '../base/fault.ts';
import type { Terminal } from './command.ts';

/** Asks a person before something is lost. Without a person at the terminal it is refused: scripts say --force. */
export async function confirm(what: string, terminal: Terminal): Promise<void> {
  if (!terminal.isInteractive) {
    throw new Fault('USAGE_WRONG', what, { hint: 'There is nobody to ask; add --force to do it all the same.' });
  }
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  try {
    const answer = await lines.question(`${what} Go on? [y/N] `, { signal: terminal.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new Fault('INTERRUPTED', 'Nothing was done.');
}
