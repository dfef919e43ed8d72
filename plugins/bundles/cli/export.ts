import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defineCommand, Fault, saveStream } from 'boternity';

/** `bnity export <bot> [file]`: a bot as one file, to take it elsewhere. */
export const exportBot = defineCommand({
  summary:
    'Writes a bot into one file: its committed files and the shared skills it uses. No memory, no conversations, no keys.',
  usage: '<bot> [file]',
  flags: [
    { flag: '--force', description: 'replace the file when it is there' },
    { flag: '--allow-secrets', description: 'export although a file holds what looks like a key' },
  ],
  examples: [
    'bnity export ada',
    'bnity export ada /tmp/ada.tar.gz --force',
    'bnity export ada - | ssh far bnity import -',
  ],
  async run({ args: [bot = '', file], flags, client, terminal }) {
    const query = flags.allowSecrets === true ? '?allow_secrets=true' : '';
    const response = await client.fetch(`/bots/${encodeURIComponent(bot)}/export${query}`, { signal: terminal.signal });
    if (!response.body) throw new Fault('INTERNAL', 'The server sent no archive.');
    const archive = Readable.from(response.body as AsyncIterable<Uint8Array>, { objectMode: false });
    if (file === '-') {
      await pipeline(archive, terminal.stdout, { end: false });
      return 0;
    }
    const named = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
    const place = path.resolve(file ?? named ?? `${bot}.tar.gz`);
    const bytes = await saveStream(archive, place, { isForced: flags.force === true });
    const soul = response.headers.get('x-boternity-soul');
    const said = { file: place, bytes, soul };
    terminal.stdout.write(terminal.isJson ? `${JSON.stringify(said)}\n` : `${place}  ${bytes} bytes\nsoul  ${soul}\n`);
    return 0;
  },
});
