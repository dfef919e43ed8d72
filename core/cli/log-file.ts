import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { createLog, type Log } from '../base/log.ts';

/** The server's log: JSON lines in `.boternity/logs/<date>.jsonl`; warnings and errors also for people, on stderr. Throws HOME_UNWRITABLE. */
export function openLogFile(
  home: string,
  stderr: NodeJS.WriteStream | undefined,
): { log: Log; close: () => Promise<void> } {
  const folder = path.join(home, '.boternity', 'logs');
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { message } = Fault.from(error);
    throw new Fault('HOME_UNWRITABLE', `The home folder ${home} cannot be written: ${message}`, { cause: error });
  }
  const file = createWriteStream(path.join(folder, `${new Date().toISOString().slice(0, 10)}.jsonl`), { flags: 'a' });
  // A full disk must not end the server; the terminal still hears of it.
  file.on('error', (error) => stderr?.write(`warning: the log cannot be written: ${error.message}\n`));
  const log = createLog((line) => {
    file.write(line);
    if (stderr) forPeople(line, stderr);
  });
  return { log, close: () => new Promise((resolve) => file.end(() => resolve())) };
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
