import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defineCommand, Fault, saveStream } from 'boternity';

/** `bnity storage get <bot> <name> [file]`: saves a file of a bot here. */
export const getFile = defineCommand({
  summary: 'Saves a file of a bot here, or an older version of it.',
  usage: '<bot> <name> [file]',
  flags: [
    { flag: '--older <version>', description: 'an older version, as storage versions lists them' },
    { flag: '--force', description: 'replace the file when it is there' },
  ],
  examples: [
    'bnity storage get assistant report.pdf',
    'bnity storage get assistant report.pdf old.pdf --older 2',
    'bnity storage get assistant table.csv - | head',
  ],
  async run({ args: [bot = '', name = '', file], flags, client, terminal }) {
    const { older } = flags;
    const query = typeof older === 'string' ? `?version=${encodeURIComponent(older)}` : '';
    const place = `/bots/${encodeURIComponent(bot)}/storage/files/${encodeURIComponent(name)}/content${query}`;
    const response = await client.fetch(place, { signal: terminal.signal });
    const content = Readable.from((response.body ?? []) as AsyncIterable<Uint8Array>, { objectMode: false });
    if (file === '-') {
      await pipeline(content, terminal.stdout, { end: false });
      return 0;
    }
    // The server has only names without separators; what it says is not trusted for it.
    if (file === undefined && path.basename(name) !== name)
      throw new Fault('PATH_REFUSED', 'Say where it shall be saved.');
    const saved = path.resolve(file ?? name);
    const bytes = await saveStream(content, saved, { isForced: flags.force === true });
    terminal.stdout.write(
      terminal.isJson ? `${JSON.stringify({ file: saved, bytes })}\n` : `${saved}  ${bytes} bytes\n`,
    );
    return 0;
  },
});
