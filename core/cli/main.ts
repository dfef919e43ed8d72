import path from 'node:path';
import { Command as Program, CommanderError } from 'commander';
import { Fault, isFaultCode } from '../base/fault.ts';
import { faultTable } from '../base/fault-table.ts';
import { findHome, type FoundHome } from '../boot/find-home.ts';
import { version } from '../boot/package-root.ts';
import type {} from '../server/list-actions.ts';
import { CallError } from '../ui/client.ts';
import type { Command, Terminal } from './command.ts';
import { usageFault } from './usage.ts';
import type { Outfit } from './outfit.ts';

/** Runs one command line. Sets the exit code: 0 ok, 1 fault, 2 usage, 3 not found, 4 not allowed, 5 invalid, 130 interrupted. */
export async function main(argv: readonly string[], outfit: Outfit): Promise<void> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Fault('INTERRUPTED', 'Interrupted.'));
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const terminal: Terminal = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    isInteractive: process.stdin.isTTY && process.stdout.isTTY,
    isJson: argv.includes('--json'),
    signal: stop.signal,
  };
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  try {
    await run(argv, outfit, terminal);
  } catch (error) {
    process.exitCode = complain(error, terminal);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function run(argv: readonly string[], outfit: Outfit, terminal: Terminal): Promise<void> {
  const program = createProgram();
  const { commands } = await outfit.commands();
  const word = firstWord(argv);
  addBuiltIns(program, outfit, terminal);
  if (word === 'serve' || word === 'init') return parse(program, argv);
  const home = await homeOf(argv);
  const { connect } = await import('./connect.ts');
  await using connected = await connect(home, outfit);
  const { client } = connected;
  let needsActions = word === undefined || !(word in commands);
  for (const [name, load] of Object.entries(commands)) {
    if (word !== undefined && word !== 'help' && word !== name) continue;
    const command = await load();
    addCommand(program, name, command, client, terminal);
    needsActions ||= command.hasVerbs === true;
  }
  if (needsActions) {
    const { addActionCommands } = await import('./action-commands.ts');
    const { actions } = await client.call('actions.list', {});
    addActionCommands(program, actions, client, terminal);
  }
  await parse(program, argv);
}

function createProgram(): Program {
  return new Program('bnity')
    .description('A self-hosted server for a fleet of AI bots. Every bot is a folder.')
    .version(version, '-V, --version')
    .option('--home <folder>', 'home folder (default: $BOTERNITY_HOME, the nearest boternity.config.ts, ~/.boternity)')
    .option('--json', 'answer with JSON')
    .showHelpAfterError(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
}

function addBuiltIns(program: Program, outfit: Outfit, terminal: Terminal): void {
  program
    .command('serve')
    .description('Runs the server.')
    .option('--port <port>', 'port to listen on; 0 takes any')
    .option('--host <address>', 'address to listen on')
    .addHelpText('after', '\nExamples:\n  bnity serve\n  bnity serve --port 0 --home ./home')
    .action(async (options: { port?: string; host?: string }, command: Program) => {
      const { serve } = await import('./serve.ts');
      await serve(
        await findHome(command.optsWithGlobals().home as string | undefined, process.cwd(), process.env),
        options,
        outfit,
        terminal,
      );
    });
  program
    .command('init')
    .argument('[folder]', 'where to make it', '.')
    .description('Makes a home folder: config, settings, places for bots and plugins.')
    .addHelpText('after', '\nExamples:\n  bnity init\n  bnity init ~/fleet && cd ~/fleet && bnity serve')
    .action(async (folder: string) => {
      const { initHome } = await import('../boot/init-home.ts');
      const home = path.resolve(folder);
      const made = await initHome(home, { withConfig: true });
      terminal.stdout.write(
        terminal.isJson
          ? `${JSON.stringify({ home, made })}\n`
          : `${home}\n${made.map((name) => `  made ${name}\n`).join('')}${made.length === 0 ? '  everything was there\n' : ''}`,
      );
    });
}

function addCommand(
  program: Program,
  name: string,
  command: Command,
  client: Parameters<Command['run']>[0]['client'],
  terminal: Terminal,
): void {
  const added = program.command(name).description(command.summary).arguments(command.usage);
  for (const { flag, description } of command.flags ?? []) added.option(flag, description);
  if (command.hasVerbs) added.enablePositionalOptions();
  added.addHelpText('after', `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`);
  added.action(async () => {
    process.exitCode = await command.run({ args: added.args, flags: added.opts(), client, terminal });
  });
}

async function parse(program: Program, argv: readonly string[]): Promise<void> {
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
    if (command.commands.length === 0 || command.registeredArguments.length > 0)
      command.option('--json', 'answer with JSON').option('--home <folder>', 'home folder');
    passDownGlobals(command);
  }
}

async function homeOf(argv: readonly string[]): Promise<FoundHome> {
  return findHome(flagValue(argv, '--home'), process.cwd(), process.env);
}

function flagValue(argv: readonly string[], flag: string): string | undefined {
  const at = argv.findIndex((argument) => argument === flag || argument.startsWith(`${flag}=`));
  if (at < 0) return undefined;
  return argv[at] === flag ? argv[at + 1] : argv[at]?.slice(flag.length + 1);
}

function firstWord(argv: readonly string[]): string | undefined {
  return argv.find((argument, at) => !argument.startsWith('-') && argv[at - 1] !== '--home');
}

/** Says what went wrong on stderr, as a sentence or as JSON, and gives the exit code. */
function complain(thrown: unknown, { isJson, stderr }: Terminal): number {
  const isCall = thrown instanceof CallError;
  const fault = isCall ? undefined : Fault.from(thrown);
  const { code, message, hint, details } = isCall ? thrown : (fault ?? Fault.from(thrown));
  const cause = fault?.code === 'INTERNAL' && fault.cause instanceof Error ? ` ${fault.cause.message}` : '';
  if (isJson) stderr.write(`${JSON.stringify({ errors: [{ code, message: message + cause, hint, details }] })}\n`);
  else
    stderr.write(
      [`error: ${message}${cause} [${code}]`, ...details.map(describe), ...(hint ? [`  → ${hint}`] : [])].join('\n') +
        '\n',
    );
  return isFaultCode(code) ? faultTable[code].exit : 1;
}

function describe(detail: { path: string; message: string }): string {
  return `  ${detail.path === '' ? '' : `${detail.path}: `}${detail.message}`;
}
