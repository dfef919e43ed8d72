import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command as Program, CommanderError } from 'commander';
import { Fault, isFaultCode } from '../base/fault.ts';
import { faultTable } from '../base/fault-table.ts';
import { redactEnvironment } from '../base/redact.ts';
import { findHome, type FoundHome } from '../boot/find-home.ts';
import { version } from '../boot/package-root.ts';
import type {} from '../server/list-actions.ts';
import { CallError, type Client } from '../ui/client.ts';
import { addBuiltIns, builtIns } from './built-ins.ts';
import type { Command, Terminal } from './command.ts';
import { guardOutput } from './guard-output.ts';
import { usageFault } from './usage.ts';
import type { Outfit } from './outfit.ts';

/** Runs one command line. Sets the exit code: 0 ok, 1 fault, 2 usage, 3 not found, 4 not allowed, 5 invalid, 130 interrupted. */
export async function main(argv: readonly string[], outfit: Outfit): Promise<void> {
  redactEnvironment(process.env);
  guardOutput([process.stdout, process.stderr]);
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
  if (word !== undefined && builtIns.includes(word)) return parse(program, argv);
  const own = word !== undefined && Object.hasOwn(commands, word) ? await commands[word]?.() : undefined;
  if (word !== undefined && own && /^(-h|--help)$/m.test(argv.join('\n'))) {
    addCommand(program, word, own, undefined, terminal);
    return parse(program, argv);
  }
  const home = await homeOf(argv);
  if (own?.needsHome && !existsSync(path.join(home.path, '.boternity')))
    throw new Fault('HOME_MISSING', `${home.path} is no home.`);
  const { connect } = await import('./connect.ts');
  await using connected = await connect(home, outfit);
  const { client } = connected;
  const loaded = word !== undefined && own ? [[word, own] as const] : await loadAll(commands);
  for (const [name, command] of loaded) addCommand(program, name, command, client, terminal);
  if (!own || own.hasVerbs) {
    const { addActionCommands } = await import('./action-commands.ts');
    const { actions } = await client.call('actions.list', {});
    // A word with a command of its own is not also that of an action, unless it leaves room for verbs.
    const taken = new Set(loaded.filter(([, command]) => !command.hasVerbs).map(([name]) => name));
    const others = actions.filter(({ cli }) => !taken.has(cli?.split(' ', 1)[0] ?? ''));
    addActionCommands(program, others, client, terminal);
  }
  await parse(program, argv);
}

async function loadAll(
  commands: Readonly<Record<string, () => Promise<Command>>>,
): Promise<(readonly [string, Command])[]> {
  return Promise.all(Object.entries(commands).map(async ([name, load]) => [name, await load()] as const));
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

function addCommand(
  program: Program,
  name: string,
  command: Command,
  client: Client | undefined,
  terminal: Terminal,
): void {
  const added = program.command(name).description(command.summary).arguments(command.usage);
  for (const { flag, description } of command.flags ?? []) added.option(flag, description);
  if (command.hasVerbs) added.enablePositionalOptions();
  added.addHelpText('after', `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`);
  added.action(async () => {
    if (!client) return;
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
