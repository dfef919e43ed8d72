import { createHash } from 'node:crypto';
import { version } from '../boot/package-root.ts';
import { writeAtomically } from '../files/replace-file.ts';
import type { ActionView } from '../server/list-actions.ts';
import { tableOf } from './command-table.ts';
import type { Outfit } from './outfit.ts';
import { commandsFile, readCommands } from './read-commands.ts';

/** Writes the commands for completion where they are not what they were. A home that cannot be written has none, and that is all. */
export async function keepCommands(home: string, actions: readonly ActionView[], outfit: Outfit): Promise<void> {
  const stamp = createHash('sha256').update(version).update(JSON.stringify(actions)).digest('hex');
  if ((await readCommands(home))?.stamp === stamp) return;
  const { commands } = await outfit.commands();
  const loaded = await Promise.all(Object.entries(commands).map(async ([word, load]) => [word, await load()] as const));
  const table = { stamp, ...tableOf(actions, Object.fromEntries(loaded)) };
  await writeAtomically(commandsFile(home), JSON.stringify(table)).catch(() => undefined);
}
