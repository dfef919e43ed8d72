import type { Command, OfflineCommand } from 'boternity';

/** Commands that are more than one call of an action, loaded when they are typed. */
export const commands: Readonly<Record<string, () => Promise<Command | OfflineCommand>>> = {
  'account create': async () => (await import('./sign-in/cli/create-account.ts')).createAccount,
  init: async () => (await import('./fleet/cli/init.ts')).init,
  backup: async () => (await import('./backups/cli/backup.ts')).backup,
  restore: async () => (await import('./backups/cli/restore.ts')).restore,
  doctor: async () => (await import('./doctor/cli/doctor.ts')).doctor,
  export: async () => (await import('./bundles/cli/export.ts')).exportBot,
  import: async () => (await import('./imports/cli/import.ts')).importBot,
  migrate: async () => (await import('./migrations/cli/migrate.ts')).migrate,
  record: async () => (await import('./tapes/cli/record.ts')).record,
  replay: async () => (await import('./tapes/cli/replay.ts')).replay,
  'plugin add': async () => (await import('./plugin-manager/cli/add.ts')).addPlugin,
  'plugin enable': async () => (await import('./plugin-manager/cli/enable.ts')).enablePlugin,
  'plugin test': async () => (await import('./plugin-manager/cli/test.ts')).testPlugin,
  'storage add': async () => (await import('./storage/cli/add.ts')).addFiles,
  'storage get': async () => (await import('./storage/cli/get.ts')).getFile,
  logs: async () => (await import('./logs/cli/logs.ts')).logs,
  open: async () => (await import('./status/cli/open.ts')).openPage,
  'server stop': async () => (await import('./status/cli/stop.ts')).stopServer,
  'service install': async () => (await import('./service/cli/service.ts')).installService,
  'service logs': async () => (await import('./service/cli/service.ts')).serviceLogs,
  'service status': async () => (await import('./service/cli/service.ts')).serviceStatus,
  'service uninstall': async () => (await import('./service/cli/service.ts')).uninstallService,
  chat: async () => (await import('./conversations/cli/chat.ts')).chat,
};
