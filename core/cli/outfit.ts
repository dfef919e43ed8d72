import type { PluginEntry } from '../kernel/plugin.ts';
import type { Command, OfflineCommand } from './command.ts';

/** What the launcher hands in, because the core knows no plugin: loaded only when it is needed. */
export interface Outfit {
  standardPlugins(): Promise<{ readonly default: readonly PluginEntry[] }>;
  commands(): Promise<{ readonly commands: Readonly<Record<string, () => Promise<Command | OfflineCommand>>> }>;
}
