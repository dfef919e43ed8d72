import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defineCommand, Fault, saveStream } from 'boternity';
import { sizeOf } from '../size.ts';

/** `bnity backup [file]`: the whole home in one file. */
export const backup = defineCommand({
  summary:
    'Packs the whole home into one file while the server runs on: bots with their history, memory, conversations, settings, accounts.',
  usage: '[file]',
  flags: [
    { flag: '--to <folder>', description: 'write it into this folder, under its usual name' },
    {
      flag: '--with-keys',
      description: 'take along the key file of the vault and .env: whoever has the file has every secret',
    },
    { flag: '--force', description: 'replace the file when it is there' },
  ],
  examples: ['bnity backup', 'bnity backup --to /mnt/disk', 'bnity backup home.tar.gz --with-keys'],
  async run({ args: [file], flags, client, terminal }) {
    const onProgress = (fact: unknown): void => void terminal.stderr.write(`${String(fact)}\n`);
    const made = await client.call(
      'backups.create',
      { with_keys: flags.withKeys === true },
      { signal: terminal.signal, ...(!terminal.isJson && { onProgress }) },
    );
    const place = await placeOf(file, flags.to, made.name);
    if (place !== undefined) {
      try {
        const response = await client.fetch(`/backups/${made.name}/content`, { signal: terminal.signal });
        if (!response.body) throw new Fault('INTERNAL', 'The server sent no backup.');
        const content = Readable.from(response.body as AsyncIterable<Uint8Array>, { objectMode: false });
        if (place === '-') await pipeline(content, terminal.stdout, { end: false });
        else await saveStream(content, place, { isForced: flags.force === true, mode: 0o600 });
      } finally {
        await client.call('backups.delete', { backup: made.name });
      }
      if (place === '-') return 0;
    }
    const said = { ...made, ...(place !== undefined && { name: path.basename(place), file: place }) };
    terminal.stdout.write(terminal.isJson ? `${JSON.stringify(said)}\n` : wordsFor(said));
    return 0;
  },
});

/** Where the backup shall go; undefined when it stays with the server. */
async function placeOf(file: string | undefined, to: unknown, name: string): Promise<string | undefined> {
  if (file === '-') return '-';
  if (typeof to === 'string') return path.resolve(to, file ?? name);
  if (file === undefined) return undefined;
  const found = await stat(file).catch(() => undefined);
  return found?.isDirectory() ? path.resolve(file, name) : path.resolve(file);
}

function wordsFor(said: {
  file: string;
  files: number;
  bytes: number;
  left: readonly { what: string; why: string }[];
}): string {
  const left = said.left.map(({ what, why }) => `  without ${what}: ${why}\n`);
  return `${said.file}  ${said.files} files, ${sizeOf(said.bytes)}\n${left.join('')}`;
}
