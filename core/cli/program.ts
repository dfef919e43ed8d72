import { Command as Program, CommanderError } from 'commander';
import { version } from '../boot/package-root.ts';
import type { Client } from '../ui/client.ts';
import type { Command, OfflineCommand, Terminal } from './command.ts';
import { usageFault } from './usage.ts';

/** The program without commands. */
export function createProgram(): Program {
  return new Program('bnity')
    .description('A self-hosted server for a fleet of AI bots. Every bot is a folder.')
    .version(version, '-V, --version')
    .option('--home <folder>', 'home folder (default: $BOTERNITY_HOME, the nearest boternity.config.ts, ~/.boternity)')
    .option('--json', 'answer with JSON')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
}

/** Adds a command that is more than one action. Without a client it only tells of itself. */
export function addCommand(
  program: Program,
  name: string,
  command: Command | OfflineCommand,
  client: Client | undefined,
  terminal: Terminal,
): void {
  const added = describedBy(program, name, command);
  added.action(async () => {
    if (!client || command.isOffline) return;
    process.exitCode = await command.run({ args: added.args, flags: added.opts(), client, terminal });
  });
}

/** Adds a command that works without a server. */
export function addOfflineCommand(
  program: Program,
  name: string,
  command: OfflineCommand,
  home: () => Promise<string>,
  terminal: Terminal,
): void {
  const added = describedBy(program, name, command);
  added.action(async () => {
    process.exitCode = await command.run({ args: added.args, flags: added.opts(), home, terminal });
  });
}

function describedBy(program: Program, name: string, command: Command | OfflineCommand): Program {
  const added = program.command(name).description(command.summary).arguments(command.usage);
  for (const { flag, description } of command.flags ?? []) added.option(flag, description);
  return added.addHelpText('after', `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`);
}

/** Carries out a command line. Throws USAGE_WRONG for one that is not understood. */
export async function parse(program: Program, argv: readonly string[]): Promise<void> {
  passDownGlobals(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    throw usageFault(error.code === 'commander.help' ? 'A command is missing.' : error.message);
  }
}

/** Global flags may stand anywhere, and every part answers usage errors in the same way. */
function passDownGlobals(program: Program): void {
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ outputError: () => undefined });
    if (command.commands.length === 0)
      command.option('--json', 'answer with JSON').option('--home <folder>', 'home folder');
    passDownGlobals(command);
  }
}
