import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CommandTable } from './command-table.ts';

/** Where completion finds the commands of a home without asking anybody. */
export function commandsFile(home: string): string {
  return path.join(home, '.boternity', 'cache', 'commands.json');
}

/** The commands as they were last seen; undefined when there are none, or they cannot be read. */
export async function readCommands(home: string): Promise<CommandTable | undefined> {
  try {
    return JSON.parse(await readFile(commandsFile(home), 'utf8')) as CommandTable;
  } catch {
    return undefined;
  }
}
