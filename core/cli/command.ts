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

/**
 * A command that is more than one call of an action: interactive, or a stream. It talks to the server like everybody else,
 * through the client. Throws faults; gives its exit code.
 */
export interface Command {
  readonly summary: string;
  /** Positional arguments and what they mean: `<bot>`, `[message...]`. */
  readonly usage: string;
  readonly flags?: readonly { readonly flag: string; readonly description: string }[];
  readonly examples: readonly string[];
  /** Where there is no home it is refused with HOME_MISSING, and none is made. */
  readonly needsHome?: boolean;
  /** Actions stand below its word as well: `import <path>` and `import list`. */
  readonly hasVerbs?: boolean;
  run(call: CommandCall): Promise<number>;
}

export interface CommandCall {
  readonly args: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
  readonly client: Client;
  readonly terminal: Terminal;
}

/** Declares a command; changes nothing. */
export function defineCommand(command: Command): Command {
  return command;
}
