import { existsSync } from 'node:fs';
import path from 'node:path';
import { Fault, isFaultCode } from '../base/fault.ts';
import { faultTable } from '../base/fault-table.ts';
import { redactEnvironment } from '../base/redact.ts';
import { loadEnvFile, loadSecretFiles } from '../boot/env-files.ts';
import { findHome, type FoundHome } from '../boot/find-home.ts';
import type {} from '../server/list-actions.ts';
import { CallError, type Client } from '../ui/client.ts';
import { addBuiltIns, builtIns } from './built-ins.ts';
import type { Terminal } from './command.ts';
import { connectFar, farServerOf } from './far-server.ts';
import { flagValue, plainWords } from './global-flags.ts';
import { guardOutput } from './guard-output.ts';
import type { Outfit } from './outfit.ts';
import { addCommand, createProgram, parse, type RunCommand } from './program.ts';

/** Ctrl+C under npm comes twice, from the terminal and from npm: signals so close together are one, in milliseconds. */
const ECHO_MS = 300;

/** Runs one command line. A second signal ends it at once. Sets the exit code: 0 ok, 1 fault, 2 usage, 3 not found, 4 not allowed, 5 invalid, 130 interrupted. */
export async function main(argv: readonly string[], outfit: Outfit): Promise<void> {
  const wrong = [...loadSecretFiles(), ...loadEnvFile(process.cwd())];
  redactEnvironment(process.env);
  guardOutput([process.stdout, process.stderr]);
  const stop = new AbortController();
  let firstMs: number | undefined;
  const interrupt = (): void => {
    stop.abort(new Fault('INTERRUPTED', 'Interrupted.'));
    firstMs ??= performance.now();
    if (performance.now() - firstMs > ECHO_MS) process.exit(faultTable.INTERRUPTED.exit);
  };
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
  // A command has nobody left to answer; a server goes on for all others.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' && firstWord(argv) !== 'serve') process.exit(0);
  });
  for (const sentence of wrong) process.stderr.write(`warning: ${sentence}\n`);
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
  const [word, second] = plainWords(argv);
  addBuiltIns(program, outfit, terminal);
  if (word !== undefined && builtIns.includes(word)) {
    if (flagValue(argv, '--server') !== undefined) throw ofTheHome(word);
    return parse(program, argv);
  }
  const name = [word ?? '', `${word} ${second}`].find((each) => Object.hasOwn(commands, each));
  const own = name === undefined ? undefined : await commands[name]?.();
  const isHelp = /^(-h|--help)$/m.test(argv.join('\n'));
  if (name !== undefined && own && (own.isOffline || isHelp)) {
    if (!isHelp && flagValue(argv, '--server') !== undefined) throw ofTheHome(name);
    addCommand(program, name, own, runner(argv, undefined, outfit, terminal));
    return parse(program, argv);
  }
  const far = farServerOf(argv, process.env);
  const home = await homeOf(argv);
  if (!far && own && !own.isOffline && own.needsHome && !existsSync(path.join(home.path, '.boternity')))
    throw new Fault('HOME_MISSING', `${home.path} is no home.`);
  await using connected = far ? connectFar(far) : await (await import('./connect.ts')).connect(home, outfit);
  const { client } = connected;
  const run = runner(argv, client, outfit, terminal);
  if (name !== undefined && own) addCommand(program, name, own, run);
  else {
    const isAsking = word === undefined || word === 'help';
    for (const [name, load] of Object.entries(commands))
      if (isAsking || name.startsWith(`${word} `)) addCommand(program, name, await load(), run);
    const [{ addActionCommands }, { withoutCommand }, { keepCommands }] = await Promise.all([
      import('./action-commands.ts'),
      import('./command-table.ts'),
      import('./keep-commands.ts'),
    ]);
    const { actions } = await client.call('actions.list', {});
    if (!far) await keepCommands(home.path, actions, outfit);
    addActionCommands(program, withoutCommand(actions, commands), client, terminal);
  }
  await parse(program, argv);
}

/** Runs a command with what it needs: a client, or the way to the home. Without a client only help was asked for. */
function runner(argv: readonly string[], client: Client | undefined, outfit: Outfit, terminal: Terminal): RunCommand {
  const home = async (): Promise<string> => (await homeOf(argv)).path;
  const connectTo = async (folder: string) => {
    const { connect } = await import('./connect.ts');
    return connect(await findHome(folder, process.cwd(), process.env), outfit);
  };
  return async (command, given) => {
    if (command.isOffline) return command.run({ ...given, terminal, home, connect: connectTo });
    return client ? command.run({ ...given, client, terminal }) : 0;
  };
}

async function homeOf(argv: readonly string[]): Promise<FoundHome> {
  return findHome(flagValue(argv, '--home'), process.cwd(), process.env);
}

function ofTheHome(command: string): Fault {
  return new Fault('USAGE_WRONG', `"${command}" works on the home itself: run it on the machine of the server.`);
}

function firstWord(argv: readonly string[]): string | undefined {
  return plainWords(argv)[0];
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
