import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Fault, fieldsOf, ServiceError, textOf } from 'boternity';

export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  /** Where it runs. */
  readonly folder: string;
  /** Beside those of the environment that it may see. */
  readonly variables: Readonly<Record<string, string>>;
  /** All of its standard input. */
  readonly input: string;
}

/** Variables that the program needs to be the one of its owner. No key of this server is among them. */
const WANTED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TERM|TZ|TMPDIR|TEMP|TMP|XDG_.*|SYSTEMROOT|USERPROFILE|APPDATA|LOCALAPPDATA|CLAUDE_CONFIG_DIR|(HTTPS?|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/i;
/** The end of what it says on its standard error that is repeated, in characters. */
const LAST_WORDS = 300;

/** Runs programs without a shell and without our secrets; none of them outlives this. */
export class Programs implements Disposable {
  readonly #running = new Set<ChildProcess>();

  /** The JSON of each line that a program writes. Rejects when it is not there, or ends badly; it is killed when nobody reads on. */
  async *lines({ command, args, folder, variables, input }: Run, signal: AbortSignal): AsyncGenerator {
    signal.throwIfAborted();
    const inherited = Object.entries(process.env).filter(([name]) => WANTED.test(name));
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...Object.fromEntries(inherited), ...variables },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that what it starts ends with it.
      detached: true,
    });
    this.#running.add(child);
    const ended = endOf(child);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-LAST_WORDS)));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const stop = (): void => kill(child);
    signal.addEventListener('abort', stop, { once: true });
    try {
      let last: unknown;
      // The signal ends the reading at once; the end of the program is not waited for.
      const reading = { input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY, signal };
      for await (const line of createInterface(reading)) {
        if (signal.aborted) break;
        if (line.trim() === '') continue;
        last = JSON.parse(line);
        yield last;
      }
      signal.throwIfAborted();
      const how = await ended;
      if (how instanceof Error) throw notStarted(command, how);
      if (how !== 0 && fieldsOf(last).type !== 'result') throw brokenDown(how, said);
    } finally {
      signal.removeEventListener('abort', stop);
      this.#running.delete(child);
      kill(child);
    }
  }

  [Symbol.dispose](): void {
    for (const child of this.#running) kill(child);
  }
}

/** Its exit code, the signal that ended it, or why it did not start. */
function endOf(child: ChildProcess): Promise<number | string | Error> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', (code, signal) => resolve(signal ?? code ?? 0));
  });
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function notStarted(command: string, error: Error): Error {
  const code = textOf(fieldsOf(error).code);
  if (code !== 'ENOENT' && code !== 'EACCES') return error;
  return new Fault('CLAUDE_MISSING', `The program “${command}” is not there, or may not be run.`);
}

function brokenDown(how: number | string, said: string): ServiceError {
  const words = said.trim();
  return new ServiceError(undefined, { message: `The program ended with ${how}${words === '' ? '' : `: ${words}`}` });
}
