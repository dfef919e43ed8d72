import type { Client } from '../ui/client.ts';

/** Where a command reads and writes. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Whether a person is at both ends. */
  readonly isInteractive: boolean;
  /** `--json`: one JSON value, or one per line. */
  readonly isJson: boolean;
  /** Aborted by Ctrl+C and SIGTERM. */
  readonly signal: AbortSignal;
}

interface CommandText {
  readonly summary: string;
  /** Positional arguments and what they mean: `<bot>`, `[message...]`. */
  readonly usage: string;
  readonly flags?: readonly { readonly flag: string; readonly description: string }[];
  readonly examples: readonly string[];
}

/**
 * A command that is more than one call of an action: interactive, or a stream. It talks to the server like everybody else,
 * through the client. Throws faults; gives its exit code.
 */
export interface Command extends CommandText {
  readonly isOffline?: false;
  /** Where there is no home it is refused with HOME_MISSING, and none is made. */
  readonly needsHome?: boolean;
  run(call: CommandCall): Promise<number>;
}

export interface CommandCall {
  readonly args: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
  readonly client: Client;
  readonly terminal: Terminal;
}

/** A command that works on files alone: no server is asked, and none is started inside. */
export interface OfflineCommand extends CommandText {
  readonly isOffline: true;
  run(call: OfflineCall): Promise<number>;
}

export interface OfflineCall extends Omit<CommandCall, 'client'> {
  /** Finds the home that the command line means. It need not exist. */
  readonly home: () => Promise<string>;
  /** A client of the server of a home; where none runs, the same server starts inside and ends with what is given. */
  readonly connect: (home: string) => Promise<AsyncDisposable & { readonly client: Client }>;
}

/** Declares a command that works without a server; changes nothing. */
export function defineOfflineCommand(command: OfflineCommand): OfflineCommand {
  return command;
}

/** Declares a command; changes nothing. */
export function defineCommand(command: Command): Command {
  return command;
}
