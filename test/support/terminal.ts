import { stripVTControlCharacters } from 'node:util';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ensureDebian } from './debian.ts';
import { environment, launcher, until } from './product.ts';

/** A program at a terminal, as a person sees it. */
export interface TerminalSession extends AsyncDisposable {
  /** Everything it has shown since the last `clear`, without colours. */
  shown(): string;
  /** All of it as the terminal got it. */
  raw(): string;
  /** Types; `\r` is Enter, `\x03` Ctrl+C, `\x04` Ctrl+D. */
  type(keys: string): void;
  /** Waits until it shows this, gives all that is shown then, and forgets it. */
  sees(what: string | RegExp): Promise<string>;
  /** Waits for its end and gives the exit code. */
  end(): Promise<number | null>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Runs `bnity` in a pseudo-terminal; with a size it tells first which one that is: `/dev/pts/3`. */
export function openTerminal(args: readonly string[], size?: TerminalSize): TerminalSession {
  const words = [process.execPath, launcher, ...args];
  if (!size) return openProgram(words);
  const resize = `tty; stty cols ${size.columns} rows ${size.rows}; exec "$0" "$@"`;
  return openProgram(['sh', '-c', resize, ...words]);
}

/** Runs a program in a pseudo-terminal that `script` of util-linux makes. */
export function openProgram(words: readonly string[], env: Readonly<Record<string, string>> = {}): TerminalSession {
  const script = ensureDebian('script', 'bsdutils');
  const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn(script, ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
    // Without what says that nobody looks: a person has colours.
    env: environment({ TERM: 'xterm', CI: undefined, NO_COLOR: undefined, ...env }),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  let shown = '';
  let whole = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    whole += text;
  });
  child.stdin.on('error', () => undefined);
  const plain = (): string => stripVTControlCharacters(shown).replaceAll('\r', '');
  return {
    shown: plain,
    raw: () => whole,
    type: (keys) => void child.stdin.write(keys),
    async sees(what) {
      const isSeen = (text: string): boolean => (typeof what === 'string' ? text.includes(what) : what.test(text));
      const text = await until(`the terminal shows ${String(what)}`, () => isSeen(plain()) && plain()).catch(
        (error: unknown) => {
          throw new Error(`${String(error)}; it shows: ${plain()}`);
        },
      );
      shown = '';
      return text;
    },
    end: async () => (await closed)[0],
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
