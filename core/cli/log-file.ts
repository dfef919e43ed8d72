import { createWriteStream, mkdirSync, readdirSync, statSync, type WriteStream } from 'node:fs';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { createLog, type Log } from '../base/log.ts';
import { dayOf } from '../files/daily-journal.ts';

/** Size above which a log goes on in another file, in bytes. */
const MOST_BYTES = 16 << 20;

/**
 * The server's log: JSON lines in `.boternity/logs/`, a file a day, `<yyyy-mm-dd>.jsonl`, then `<yyyy-mm-dd>.1.jsonl` and so on when one
 * grows too large; warnings and errors also for people, on stderr. Throws HOME_UNWRITABLE.
 */
export function openLogFile(
  home: string,
  stderr: NodeJS.WriteStream | undefined,
  mostBytes = MOST_BYTES,
): { log: Log; close: () => Promise<void> } {
  const folder = path.join(home, '.boternity', 'logs');
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { message } = Fault.from(error);
    throw new Fault('HOME_UNWRITABLE', `The home folder ${home} cannot be written: ${message}`, { cause: error });
  }
  const file = new RollingFile(folder, mostBytes, ({ message }) =>
    // A full disk must not end the server; the terminal still hears of it.
    stderr?.write(`warning: the log cannot be written: ${message}\n`),
  );
  const log = createLog((line) => {
    file.write(line);
    if (stderr) forPeople(line, stderr);
  });
  return { log, close: () => file.close() };
}

/** Appends to the newest file of the day, and to another one when the day or the size says so. */
class RollingFile {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #onError: (error: Error) => void;
  #day = '';
  #number = 0;
  #bytes = 0;
  #stream: WriteStream | undefined;
  #closing: Promise<unknown> = Promise.resolve();

  constructor(folder: string, mostBytes: number, onError: (error: Error) => void) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
    this.#onError = onError;
  }

  write(line: string): void {
    const day = dayOf(new Date());
    if (day !== this.#day) this.#begin(day, this.#lastOf(day));
    else if (this.#bytes >= this.#mostBytes) this.#begin(day, this.#number + 1);
    this.#bytes += Buffer.byteLength(line);
    this.#stream?.write(line);
  }

  async close(): Promise<void> {
    this.#let();
    await this.#closing;
  }

  #begin(day: string, number: number): void {
    this.#let();
    const place = path.join(this.#folder, number === 0 ? `${day}.jsonl` : `${day}.${number}.jsonl`);
    this.#day = day;
    this.#number = number;
    this.#bytes = statSync(place, { throwIfNoEntry: false })?.size ?? 0;
    this.#stream = createWriteStream(place, { flags: 'a' }).on('error', this.#onError);
  }

  #lastOf(day: string): number {
    const numbers = readdirSync(this.#folder).flatMap((name) => {
      const [, found, number = '0'] = /^(\d{4}-\d\d-\d\d)(?:\.(\d+))?\.jsonl$/.exec(name) ?? [];
      return found === day ? Number(number) : [];
    });
    return Math.max(0, ...numbers);
  }

  #let(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream) this.#closing = Promise.all([this.#closing, new Promise<void>((done) => stream.end(() => done()))]);
  }
}

function forPeople(line: string, stderr: NodeJS.WriteStream): void {
  const { level, message, plugin, error } = JSON.parse(line) as {
    level: string;
    message: string;
    plugin?: string;
    error?: { message?: string };
  };
  if (level !== 'warn' && level !== 'error') return;
  const from = plugin === undefined ? '' : ` (${plugin})`;
  stderr.write(
    `${level === 'warn' ? 'warning' : 'error'}${from}: ${message}${error?.message ? `: ${error.message}` : ''}\n`,
  );
}
