import { rm } from 'node:fs/promises';
import { defineAction, z } from 'boternity';
import type { BackupMaker } from './make.ts';
import type { Schedule } from './schedule.ts';
import { sizeOf } from './size.ts';
import { findBackup, listBackups } from './write-backup.ts';

declare module 'boternity' {
  interface ActionTypes {
    'backups.create': ReturnType<typeof createBackup>;
    'backups.list': ReturnType<typeof listAll>;
    'backups.delete': ReturnType<typeof deleteBackup>;
    'backups.prune': ReturnType<typeof pruneBackups>;
  }
}

export interface BackupParts {
  /** Where backups lie. */
  readonly folder: string;
  readonly maker: BackupMaker;
  readonly schedule: Schedule;
  readonly every: 'day' | 'off';
  readonly time: string;
}

const backup = z.object({
  name: z.string(),
  file: z.string().describe('Where it lies on the machine of the server'),
  bytes: z.number(),
  at: z.string(),
  automatic: z.boolean().describe('Made by the server itself: it goes when its time has come'),
});

export function createBackup({ maker }: BackupParts) {
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
      const onProgress = (files: number, bytes: number): void => progress(`${files} files, ${sizeOf(bytes)}`);
      const written = await maker.make({ withKeys, isAutomatic: false, signal, onProgress });
      return { ...written, left: [...written.left] };
    },
  });
}

export function listAll({ folder, schedule, every, time }: BackupParts) {
  return defineAction({
    name: 'backups.list',
    summary: 'Lists the backups of this server, newest first, and when it makes the next by itself.',
    permission: 'server:read',
    http: 'GET /backups',
    cli: 'backup-file list',
    examples: ['bnity backup-file list'],
    input: z.strictObject({}),
    output: z.object({
      backups: z.array(backup),
      schedule: z.object({
        every: z.enum(['day', 'off']),
        at: z.string().describe('By the clock of the machine'),
        last: z.string().nullable(),
        next: z.string().nullable(),
        failed: z.object({ at: z.string(), message: z.string() }).nullable().describe('Why the last try failed'),
      }),
    }),
    run: async () => ({
      backups: await listBackups(folder),
      schedule: { every, at: time, ...(await schedule.state()) },
    }),
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

export function pruneBackups({ schedule }: BackupParts) {
  return defineAction({
    name: 'backups.prune',
    summary: 'Deletes the backups that the server made by itself and whose time has come, as it does after each.',
    permission: 'server:admin',
    http: 'POST /backups/prune',
    cli: 'backup-file prune',
    examples: ['bnity backup-file prune'],
    input: z.strictObject({}),
    output: z.object({ deleted: z.array(z.string()).describe('Names') }),
    run: async () => ({ deleted: (await schedule.prune()).map(({ name }) => name) }),
  });
}
