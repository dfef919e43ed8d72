import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { defineOfflineCommand, Fault, type Terminal } from 'boternity';
import { checkBackup } from '../check-backup.ts';
import { restoreHome } from '../restore-home.ts';
import { sizeOf } from '../size.ts';

/** `bnity restore <file>`: a home from a backup. It needs no server, and wants none to run. */
export const restore = defineOfflineCommand({
  summary: 'Brings a home back from a backup. A restored home runs the plugins in it: restore only what you trust.',
  usage: '<file>',
  flags: [
    { flag: '--verify', description: 'read the backup from end to end and hold it against its sums; write nothing' },
    { flag: '--to <home>', description: 'where to; the home of this command otherwise' },
    { flag: '--force', description: 'put aside what is there already, into backups/ of the home' },
  ],
  examples: [
    'bnity restore home.tar.gz --verify',
    'bnity restore home.tar.gz --to ~/fleet',
    'bnity restore home.tar.gz --force',
  ],
  isOffline: true,
  async run({ args: [given = ''], flags, home, terminal }) {
    const file = path.resolve(given);
    const found = await stat(file).catch((error: unknown) => {
      throw Fault.from(error);
    });
    if (!found.isFile()) throw new Fault('FILE_INVALID', `${file} is no file.`);
    const onProgress = progressOn(terminal);
    if (flags.verify === true) {
      const checked = await checkBackup({ open: () => createReadStream(file), onProgress });
      say(terminal, { ok: true, file, ...checked }, `${file} is whole: ${counts(checked)}, of ${checked.head.at}.\n`);
      return 0;
    }
    const target = typeof flags.to === 'string' ? path.resolve(flags.to) : await home();
    const restored = await restoreHome({ file, home: target, isForced: flags.force === true, onProgress });
    const { before } = restored;
    const lines = [
      `${target}: ${counts(restored)}, as of ${restored.head.at}.`,
      ...(before === undefined ? [] : [`What was there lies in ${before}.`]),
      ...(restored.hasVault && !restored.head.withKeys
        ? ['The key of the vault is not part of it: put .boternity/vault.key back by hand.']
        : []),
    ];
    say(terminal, { home: target, ...restored, before: before ?? null }, `${lines.join('\n')}\n`);
    return 0;
  },
});

function progressOn({ stderr, isJson }: Terminal): (files: number, bytes: number) => void {
  let last = Date.now();
  return (files, bytes) => {
    if (isJson || Date.now() - last < 1_000) return;
    last = Date.now();
    stderr.write(`${files} files, ${sizeOf(bytes)}\n`);
  };
}

function counts({ files, bytes, bots }: { files: number; bytes: number; bots: readonly string[] }): string {
  return `${bots.length} bots, ${files} files, ${sizeOf(bytes)}`;
}

function say({ stdout, isJson }: Terminal, value: object, words: string): void {
  stdout.write(isJson ? `${JSON.stringify(value)}\n` : words);
}
