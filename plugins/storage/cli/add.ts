import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { defineCommand, Fault } from 'boternity';

interface Received {
  readonly name: string;
  readonly version: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** `bnity storage add <bot> <path...>`: puts files into the storage of a bot. */
export const addFiles = defineCommand({
  summary: 'Puts files into the storage of a bot. A file of the same name becomes an older version.',
  usage: '<bot> <file...>',
  flags: [{ flag: '--name <name>', description: 'what the file shall be called; needed for standard input (-)' }],
  examples: [
    'bnity storage add assistant report.pdf',
    'bnity storage add assistant ~/notes/*.md',
    'pg_dump shop | bnity storage add assistant - --name shop.sql',
  ],
  async run({ args: [bot = '', ...given], flags, client, terminal }) {
    const name = typeof flags.name === 'string' ? flags.name : undefined;
    const files = given.flat();
    if (files.length !== 1 && name !== undefined) throw new Fault('USAGE_WRONG', '--name is for one file.');
    if (files.includes('-') && name === undefined)
      throw new Fault('USAGE_WRONG', 'What comes from standard input needs a name: --name notes.txt');
    const received: Received[] = [];
    for (const file of files) {
      const { body, bytes } = await bodyOf(file, terminal.stdin);
      const place = `/bots/${encodeURIComponent(bot)}/storage/files/${encodeURIComponent(name ?? path.basename(path.resolve(file)))}/content`;
      let failure: unknown;
      body.once('error', (error) => (failure = error));
      const response = await client
        .fetch(place, {
          method: 'PUT',
          headers: {
            'content-type': 'application/octet-stream',
            ...(bytes !== undefined && { 'content-length': String(bytes) }),
          },
          body: Readable.toWeb(body) as ReadableStream,
          // A body that is a stream cannot be sent again; the type of the browser's fetch has no such word.
          ...({ duplex: 'half' } as object),
          signal: terminal.signal,
        })
        .catch((error: unknown) => {
          throw failure === undefined ? error : Fault.from(failure);
        });
      const { data } = (await response.json()) as { data: Received };
      received.push(data);
      if (!terminal.isJson) terminal.stdout.write(`${data.name}  version ${data.version}  ${data.bytes} bytes\n`);
    }
    if (terminal.isJson) terminal.stdout.write(`${JSON.stringify({ files: received })}\n`);
    return 0;
  },
});

async function bodyOf(file: string, stdin: NodeJS.ReadStream): Promise<{ body: Readable; bytes?: number }> {
  if (file === '-') return { body: stdin };
  const found = await stat(file).catch((error: unknown) => {
    throw Fault.from(error);
  });
  if (!found.isFile()) throw new Fault('FILE_INVALID', `${file} is no plain file.`);
  return { body: createReadStream(file), bytes: found.size };
}
