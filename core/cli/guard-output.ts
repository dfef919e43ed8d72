import { inspect } from 'node:util';
import { redactor } from '../base/redact.ts';

/**
 * Takes secrets out of everything this process prints from now on, whoever prints it: commands, warnings of Node, a plugin's
 * console.log, the last words of a crash.
 */
export function guardOutput(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams) {
    const write = stream.write.bind(stream) as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) =>
      write(typeof chunk === 'string' ? redactor.text(chunk) : chunk, ...rest);
  }
  // Node prints an error that nobody caught by itself, past the streams. Whoever else listens ends the process in its own way.
  process.on('uncaughtException', (error) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    process.stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  });
}
