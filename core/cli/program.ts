import { Command as Program, CommanderError } from 'commander';
import { version } from '../boot/package-root.ts';
import { aboutGroup } from './command-table.ts';
import type { Command, CommandCall, OfflineCommand } from './command.ts';
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

/** Carries out a command with what was typed behind it; gives its exit code. */
export type RunCommand = (
  command: Command | OfflineCommand,
  given: Pick<CommandCall, 'args' | 'flags'>,
) => Promise<number>;

/** Adds a command that is more than one action. `name` is one word, or two where it stands beside actions: `storage add`. */
export function addCommand(program: Program, name: string, command: Command | OfflineCommand, run: RunCommand): void {
  const added = commandAt(program, name.split(' ')).description(command.summary);
  if (command.usage !== '') added.arguments(command.usage);
  for (const { flag, description } of command.flags ?? []) added.option(flag, description);
  added.addHelpText('after', `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`);
  added.action(async () => {
    process.exitCode = await run(command, { args: added.args, flags: added.opts() });
  });
}

/** The command at these words; groups above it are made on the way. */
export function commandAt(program: Program, words: readonly string[]): Program {
  let at = program;
  for (const [index, word] of words.entries()) {
    const known = at.commands.find((command) => command.name() === word);
    const isGroup = index < words.length - 1;
    at = known ?? at.command(word).description(isGroup ? aboutGroup(word) : '');
  }
  return at;
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
