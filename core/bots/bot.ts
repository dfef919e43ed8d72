import type { BotFolder, BotSettings } from './bot-files.ts';
import type { Brought } from './brought.ts';
import { usable, type Problem } from './file-kind.ts';

/** A bot as it was when its folder was last read. Never changes: an edit makes a new one, a turn keeps the one it began with. */
export interface Bot {
  readonly id: string;
  /** Name of its folder; unique. */
  readonly slug: string;
  /** Absolute path of its folder. */
  readonly folder: string;
  /** Digest over all its files; changes with every edit. */
  readonly version: string;
  readonly files: BotFolder;
  readonly problems: readonly Problem[];
  /** What lies in the folder and is not in force until a person says so. */
  readonly waiting: readonly Waiting[];
  /** The persona that is on, on the bot of a turn only: its soul stands in the place of the bot's. */
  readonly persona?: string;
  /** What plugins add to one turn; on the bot of a turn only. */
  readonly brought?: Pick<Brought, 'sections' | 'tools' | 'asks' | 'recalled'>;
}

/** A change of who the bot is, or code that nobody granted yet. */
export interface Waiting {
  readonly kind: 'identity' | 'code';
  /** Path from the bot folder, or `bot.yaml#mcp`. */
  readonly path: string;
  /** Digest of what waits; empty for a file that was removed. */
  readonly digest: string;
}

/** What the settings of bot.yaml come to, defaults included; of its last good version when it is broken. */
export function settingsOf(bot: Pick<Bot, 'files'>): BotSettings {
  return usable(bot.files.bot) ?? defaults;
}

const defaults: BotSettings = {
  status: 'active',
  model: { prefer: [], stop: [] },
  capabilities: { self_modify: { soul: false } },
  mcp: {},
  tools: { allow: [], ask: [], deny: [], required: [], repair: true },
  conversation: { input: 'queue', compact: 'auto', title: 'model', greeting: 'auto' },
  memory: { recall: 'on', learn: 'on', diary: false, trusted_bots: [], export: 'off' },
  skills: [],
  args: {},
};

/** The name people see. */
export function nameOf(bot: Bot): string {
  return usable(bot.files.identity)?.front.display_name ?? usable(bot.files.soul)?.front.name ?? bot.slug;
}
