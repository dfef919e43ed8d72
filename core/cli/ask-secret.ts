import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Fault } from '../base/fault.ts';
import type { Terminal } from './command.ts';

/** Longest secret that is read, in characters. */
const LIMIT = 1024 * 1024;

/**
 * A secret that shall not stand on the command line, where other users of the machine can read it: asked from a person, who
 * sees nothing of what is typed, or else all of standard input without the line break at its end.
 */
export function askSecret(what: string, terminal: Terminal): Promise<string> {
  return terminal.stdin.isTTY ? askPerson(what, terminal) : readAll(terminal.stdin);
}

async function askPerson(what: string, { stdin, stderr, signal }: Terminal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 });
  const left = Promise.withResolvers<never>();
  const leave = (): void => left.reject(new Fault('INTERRUPTED', 'Nothing was done.'));
  lines.once('SIGINT', leave).once('close', leave);
  stderr.write(`${what} (not shown): `);
  try {
    return await Promise.race([lines.question('', { signal }), left.promise]);
  } finally {
    lines.close();
    stderr.write('\n');
  }
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of input.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > LIMIT) throw new Fault('INPUT_INVALID', 'Standard input is too long for a secret.');
  }
  return text.replace(/\r?\n$/, '');
}
