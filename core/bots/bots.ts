import type { Change } from '../base/author.ts';
import { Registry } from '../kernel/registry.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { createRepositories } from '../files/git/repositories.ts';
import type { Repository } from '../files/git/repository.ts';
import { finishDeploys } from './apply-commit.ts';
import { botFiles } from './bot-files.ts';
import type { Bot } from './bot.ts';
import type { Deployed, Place, Push } from './deploy.ts';
import { createDeploy } from './deploy-new.ts';
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
  /** Changes a file of a bot; refused, with nothing changed, when that would break it. */
  edit(slug: string, file: string, edit: (text: string) => string | Promise<string>, change: Change): Promise<Bot>;
  /** The git repository of a bot, or of its memory. */
  repository(place: Place): Promise<Repository>;
  /** Takes a push. */
  deploy(place: Place, push: Push): Promise<Deployed>;
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
    // Provisional until the fleet has repositories of its own.
    const repositories = context.use(createRepositories({ home: home.path, log: home.log }));
    const owner = { kind: 'person', id: 'owner', name: 'Owner' } as const;
    const repository = async ({ slug, branch }: Place): Promise<Repository> => {
      const bot = await fleet.get(slug);
      const isMain = branch === 'main';
      const it = repositories.of(
        isMain ? bot.folder : `${bot.folder}/memory`,
        isMain ? bot.id : `${bot.id}.memory`,
        branch,
      );
      if (!(await it.exists())) {
        await it.init();
        await it.commitAll({ author: owner, message: 'First commit' });
      }
      return it;
    };
    await finishDeploys(home, repository);
    const queues = new Map<string, Promise<unknown>>();
    const deploy = createDeploy({
      home,
      kinds,
      repository,
      exclusive: (place, work) => {
        const key = `${place.slug}/${place.branch}`;
        const done = (queues.get(key) ?? Promise.resolve()).then(work, work);
        queues.set(key, done);
        return done;
      },
      commitDisk: async (place) => (await repository(place)).commitAll({ author: owner, message: 'Edits on disk' }),
      onLive: ({ slug, branch }, { paths }) => (branch === 'main' ? fleet.refresh(slug, paths) : Promise.resolve()),
      repositoryAt: (folder, id) => repositories.of(folder, id),
      adopt: (slug, folder) => fleet.adopt(slug, folder),
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
      repository,
      deploy,
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
