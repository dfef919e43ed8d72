import { inspect } from 'node:util';
import { redactor } from '../base/redact.ts';

/**
 * Takes secrets out of everything this process prints from now on, whoever prints it: commands, warnings of Node, a plugin's
 * console.log, the last words of a crash. What nobody reads any more is dropped.
 */
export function guardOutput(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams) {
    const write = stream.write.bind(stream) as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;
    let isGone = false;
    // Whoever read it has left (`| head`, a terminal that was closed). Nobody is there to hear, and that is no reason to end.
    stream.on('error', () => (isGone = true));
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      if (!isGone) return write(typeof chunk === 'string' ? redactor.text(chunk) : chunk, ...rest);
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
  }
  // Node prints an error that nobody caught by itself, past the streams. Whoever else listens ends the process in its own way.
  process.on('uncaughtException', (error) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    process.stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  });
}
