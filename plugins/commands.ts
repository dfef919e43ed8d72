import type { Command, OfflineCommand } from 'boternity';

/** Commands that are more than one call of an action, loaded when they are typed. */
export const commands: Readonly<Record<string, () => Promise<Command | OfflineCommand>>> = {
  backup: async () => (await import('./backups/cli/backup.ts')).backup,
  restore: async () => (await import('./backups/cli/restore.ts')).restore,
  doctor: async () => (await import('./doctor/cli/doctor.ts')).doctor,
  export: async () => (await import('./bundles/cli/export.ts')).exportBot,
  import: async () => (await import('./imports/cli/import.ts')).importBot,
  record: async () => (await import('./tapes/cli/record.ts')).record,
  replay: async () => (await import('./tapes/cli/replay.ts')).replay,
  'storage add': async () => (await import('./storage/cli/add.ts')).addFiles,
  'storage get': async () => (await import('./storage/cli/get.ts')).getFile,
  chat: async () => (await import('./conversations/cli/chat.ts')).chat,
};
