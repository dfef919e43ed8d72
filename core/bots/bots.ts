import type { Change } from '../base/author.ts';
import { Registry } from '../kernel/registry.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { botFiles } from './bot-files.ts';
import type { Bot } from './bot.ts';
import { reaches, type FileKind } from './file-kind.ts';
import { Fleet, type BotChanged } from './fleet.ts';

/** The service `bots`: the fleet, one view per consumer. */
export interface Bots {
  /** Slugs of all bots, sorted. Reads nothing. */
  readonly slugs: string[];
  /** The bot with this slug or id, as its folder is now; an unchanged one costs no read. Throws BOT_MISSING. */
  get(reference: string): Promise<Bot>;
  all(): Promise<Bot[]>;
  create(slug: string, contents: ReadonlyMap<string, string | Uint8Array>, change: Change): Promise<Bot>;
  remove(slug: string): Promise<void>;
  /** Changes a file of a bot; refused, with nothing changed, when that would break it. A broken one can only be repaired. */
  edit(slug: string, file: string, edit: (text: string) => string | Promise<string>, change: Change): Promise<Bot>;
  /** Adds a kind of file that bot folders may hold, until the consumer stops. */
  files(key: string, kind: FileKind): void;
  /** The kinds of today. */
  readonly kinds: Iterable<[string, FileKind]>;
}

declare module '../kernel/names.ts' {
  interface Services {
    bots: Bots;
  }
  interface Events {
    'bot.changed': BotChanged;
    /** The set of bots is not what it was. */
    'bots.listed': { slugs: readonly string[] };
  }
}

/** Reads the bot folders and follows their edits. */
export default definePlugin({
  name: 'bots',
  needs: ['home'],
  provides: ['bots'],
  async setup(context) {
    const { home } = context;
    const kinds = new Registry<FileKind>('file kind');
    for (const [key, kind] of Object.entries(botFiles)) kinds.add(context, key, kind);
    context.starting('the list of bots');
    const fleet: Fleet = await Fleet.open({
      home,
      kinds,
      onChange: (change) => context.emit('bot.changed', change),
      onList: () => context.emit('bots.listed', { slugs: fleet.slugs }),
    });
    const { cover } = home.watch({
      enter: (folder) => mayHoldBotFiles(folder, kinds),
      onChange: (paths) =>
        void fleet.changed(paths).catch((error: unknown) => home.log.error('An edit could not be read', { error })),
    });
    fleet.follow(cover);
    kinds.follow(context, () => fleet.rereadAll());
    context.provide('bots', (consumer) => ({
      get slugs() {
        return fleet.slugs;
      },
      get: (reference) => fleet.get(reference),
      all: () => fleet.all(),
      create: (slug, contents) => fleet.create(slug, contents),
      remove: (slug) => fleet.remove(slug),
      edit: (slug, file, edit) => fleet.edit(slug, file, edit),
      files: (key, kind) => kinds.add(consumer, key, kind),
      kinds,
    }));
  },
});

function mayHoldBotFiles(folder: string, kinds: Iterable<[string, FileKind]>): boolean {
  const [top, slug, ...inside] = folder.split('/');
  if (top !== 'bots' || slug?.startsWith('.')) return false;
  if (inside.length === 0) return true;
  return [...kinds].some(([, kind]) => reaches(kind, inside.join('/')));
}
