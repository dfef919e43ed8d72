import { rm } from 'node:fs/promises';
import { defineAction, Fault, z, type Bots, type Home } from 'boternity';
import { sizeOf } from './size.ts';
import { findBackup, listBackups, writeBackup } from './write-backup.ts';

declare module 'boternity' {
  interface ActionTypes {
    'backups.create': ReturnType<typeof createBackup>;
    'backups.list': ReturnType<typeof listAll>;
    'backups.delete': ReturnType<typeof deleteBackup>;
  }
}

export interface BackupParts {
  readonly home: Home;
  readonly bots: Bots;
  /** Where backups lie. */
  readonly folder: string;
}

const backup = z.object({
  name: z.string(),
  file: z.string().describe('Where it lies on the machine of the server'),
  bytes: z.number(),
  at: z.string(),
});

export function createBackup({ home, bots, folder }: BackupParts) {
  let isRunning = false;
  return defineAction({
    name: 'backups.create',
    summary: 'Packs the whole home into one file, while everything runs on.',
    permission: 'server:admin',
    http: 'POST /backups',
    cli: 'backup-file create',
    examples: ['bnity backup-file create', 'bnity backup-file create --with-keys'],
    status: 201,
    input: z.strictObject({
      with_keys: z
        .boolean()
        .default(false)
        .describe('Take along the key file of the vault and .env: whoever has the backup then has every secret'),
    }),
    output: backup.extend({
      files: z.number(),
      left: z.array(z.object({ what: z.string(), why: z.string() })).describe('What is not in it'),
    }),
    async run({ with_keys: withKeys }, { signal, progress }) {
      if (isRunning) throw new Fault('BACKUP_RUNNING', 'A backup is being written already.');
      isRunning = true;
      try {
        const onProgress = (files: number, bytes: number): void => progress(`${files} files, ${sizeOf(bytes)}`);
        const written = await writeBackup({ home, bots, folder, withKeys, signal, onProgress });
        return { ...written, left: [...written.left] };
      } finally {
        isRunning = false;
      }
    },
  });
}

export function listAll({ folder }: BackupParts) {
  return defineAction({
    name: 'backups.list',
    summary: 'Lists the backups of this server, newest first.',
    permission: 'server:read',
    http: 'GET /backups',
    cli: 'backup-file list',
    examples: ['bnity backup-file list'],
    input: z.strictObject({}),
    output: z.object({ backups: z.array(backup) }),
    run: async () => ({ backups: await listBackups(folder) }),
  });
}

export function deleteBackup({ folder }: BackupParts) {
  return defineAction({
    name: 'backups.delete',
    summary: 'Deletes a backup for good.',
    permission: 'server:admin',
    http: 'DELETE /backups/{backup}',
    cli: 'backup-file delete <backup>',
    confirm: 'The backup is deleted for good.',
    examples: ['bnity backup-file delete boternity-2026-11-21T08-00-00.tar.gz --force'],
    input: z.strictObject({ backup: z.string().min(1).describe('Name of a backup') }),
    output: z.object({ deleted: z.literal(true) }),
    async run(input) {
      const { file } = await findBackup(folder, input.backup);
      await rm(file, { force: true });
      return { deleted: true as const };
    },
  });
}
