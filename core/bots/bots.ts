import type { Author, Change } from '../base/author.ts';
import { system } from '../base/author.ts';
import { createRepositories } from '../files/git/repositories.ts';
import type { Repositories, Repository } from '../files/git/repository.ts';
import { definePlugin } from '../kernel/plugin.ts';
import type { Home } from '../files/home.ts';
import { Registry } from '../kernel/registry.ts';
import type { Scope } from '../kernel/scope.ts';
import { z } from 'zod';
import { finishDeploys } from './apply-commit.ts';
import { botFiles } from './bot-files.ts';
import { BotIndex } from './bot-index.ts';
import type { BotAsRead } from './bot-reader.ts';
import type { Bot } from './bot.ts';
import { withBrought, type AskedTurn, type BotForTurn, type Bring } from './brought.ts';
import { withPersona } from './personas.ts';
import { createBotDeploy, readyRepository } from './bot-deploy.ts';
import type { Deployed, Place, Push } from './deploy.ts';
import type { FileKind } from './file-kind.ts';
import { Fleet, type BotChanged, type BotRenamed } from './fleet.ts';
import { keepTidy } from './housekeeping.ts';
import type { KeptBot } from './kept-bot.ts';
import { sealPath } from './seal.ts';
import { treeRefusals } from './tree-check.ts';
import type { Written } from './writing.ts';

/** Why a change of who a bot is has to wait for a person; undefined when an edit on disk counts as the owner's. */
export type WhyWait = (bot: BotAsRead) => string | undefined;

/** The service `bots`: the fleet, one view per consumer. Bots are named by slug or id; an unknown one throws BOT_MISSING. */
export interface Bots {
  /** Slugs of all bots, sorted. Reads nothing. */
  readonly slugs: string[];
  /** The slug of a bot named by slug or id. Reads nothing. */
  slugOf(reference: string): string;
  /** The id of a bot named by slug or id. Reads nothing. */
  idOf(reference: string): string;
  /** The bot as its folder is now; an unchanged one costs no read. */
  get(reference: string): Promise<Bot>;
  /** The bot as a turn may use it: what a person has just saved is in force and committed, what waits for a person is not; with one of its personas on, and with what plugins bring for what is `asked`. */
  forTurn(reference: string, wishes?: { readonly persona?: string; readonly asked?: AskedTurn }): Promise<BotForTurn>;
  all(): Promise<Bot[]>;
  /** Slug and id of a bot, given one of them; empty when there is no such bot. Reads nothing. */
  namesOf(reference: string): readonly string[];
  /** `executables` are the paths of the contents that can be run. */
  create(
    slug: string,
    contents: ReadonlyMap<string, string | Uint8Array>,
    change: Change,
    executables?: readonly string[],
  ): Promise<Bot>;
  /** Fetches a repository from elsewhere into a new folder, checked as a push is; it is no bot before it is adopted. Answers its commit. */
  fetch(url: string, folder: string, signal: AbortSignal): Promise<string>;
  /** Takes a prepared folder with its repository as a bot; the folder is moved. Its code waits for a grant. */
  adopt(slug: string, folder: string, by: Author): Promise<Bot>;
  remove(slug: string): Promise<void>;
  /** Changes files in one commit; refused, with nothing changed, when that would break one of them or is not the author's to change. */
  write(reference: string, written: Written, change: Change): Promise<Bot>;
  /** Changes the text of one file. */
  edit(reference: string, file: string, edit: (text: string) => string | Promise<string>, change: Change): Promise<Bot>;
  /** History, seal and grants of one bot. */
  keeper(reference: string): Promise<KeptBot>;
  /** Works with the repository of a bot's memory, which is made when it is absent; one work at a time. */
  withMemory<T>(reference: string, work: (repository: Repository) => Promise<T>): Promise<T>;
  /** The repository of a bot or of its memory; made when it is absent. */
  repository(place: Place): Promise<Repository>;
  /** Takes a push; one to a slug that is no bot yet makes it. */
  deploy(place: Place, push: Push): Promise<Deployed>;
  /**
   * What a list tells of every bot, as `sumUp` says it; open until the consumer stops. A bot whose files did not change is not
   * read for it, in later runs either. `version` names what else the summaries depend on.
   */
  summaries<T>(version: string, sumUp: (bot: Bot) => T): BotIndex<T>;
  /** Adds a kind of file that bot folders may hold, until the consumer stops. */
  files(key: string, kind: FileKind): void;
  /** The kinds of today. */
  readonly kinds: Iterable<[string, FileKind]>;
  /** In whose name edits on disk are committed now. */
  owner(): Author;
  /** In whose name edits on disk are committed, until the consumer stops. */
  ownedBy(owner: () => Author): void;
  /** Adds a reason why changes of identity wait for a person, until the consumer stops. */
  waitWhen(why: WhyWait): void;
  /** Adds to every turn of a bot what this gives for it, until the consumer stops. What fails or is late is left out, with a notice. */
  bring(bring: Bring): void;
}

declare module '../kernel/names.ts' {
  interface Services {
    bots: Bots;
  }
  interface Events {
    'bot.changed': BotChanged;
    'bot.renamed': BotRenamed;
    /** The set of bots is not what it was. */
    'bots.listed': { slugs: readonly string[] };
  }
}

const botsConfig = z
  .strictObject({
    /** Rest after the last edit on disk before it is committed, in milliseconds. */
    quietMs: z.number().int().positive().default(2_000),
    /** How often it is looked whether a repository can be packed, in milliseconds. */
    tidyMs: z
      .number()
      .int()
      .positive()
      .default(5 * 60_000),
  })
  .prefault({});

/** Reads the bot folders, follows their edits, keeps their history and their seals. */
export default definePlugin({
  name: 'bots',
  needs: ['home'],
  provides: ['bots'],
  config: botsConfig,
  async setup(context, { quietMs, tidyMs }) {
    const { home } = context;
    const kinds = new Registry<FileKind>('file kind');
    const owners = new Registry<() => Author>('owner of edits');
    const reasons = new Registry<WhyWait>('reason to wait');
    const brings = new Registry<Bring>('part of a turn');
    for (const [key, kind] of Object.entries(botFiles)) kinds.add(context, key, kind);
    context.starting('the list of bots');
    const repositories = context.use(createRepositories({ home: home.path, log: home.log, refuse: treeRefusals }));
    const listeners = new Set<(slug: string) => void>();
    const onTouch: Parts['onTouch'] = (consumer, listener) => {
      listeners.add(listener);
      consumer.defer(() => void listeners.delete(listener));
    };
    const fleet: Fleet = context.use(
      await Fleet.open({
        home,
        kinds,
        repositories,
        quietMs,
        onChange: (change) => context.emit('bot.changed', change),
        onTouch: (slug) => listeners.forEach((listener) => listener(slug)),
        onRename: (renamed) => context.emit('bot.renamed', renamed),
        onList: () => context.emit('bots.listed', { slugs: fleet.slugs }),
        owner: () => ownerOf(owners),
        whyWait: (bot) => firstOf(reasons, (why) => why(bot)),
      }),
    );
    await finishDeploys(home, (place) => fleet.repository(place.slug, place.branch));
    const { cover } = home.watch({
      enter: isProgramFolder,
      onChange: (paths) =>
        void fleet.changed(paths).catch((error: unknown) => home.log.error('An edit could not be read', { error })),
    });
    fleet.follow(cover);
    context.use(keepTidy(fleet, home.log, tidyMs));
    kinds.follow(context, () => void fleet.rereadAll());
    const deploy = createBotDeploy({ home, kinds, fleet, repositories });
    const parts: Parts = { fleet, kinds, owners, reasons, brings, repositories, deploy, home, onTouch };
    context.provide('bots', (consumer) => botsFor(consumer, parts));
  },
});

interface Parts {
  readonly fleet: Fleet;
  readonly kinds: Registry<FileKind>;
  readonly owners: Registry<() => Author>;
  readonly reasons: Registry<WhyWait>;
  readonly brings: Registry<Bring>;
  readonly repositories: Repositories;
  readonly deploy: Bots['deploy'];
  readonly home: Home;
  readonly onTouch: (consumer: Scope, listener: (slug: string) => void) => void;
}

function botsFor(consumer: Scope, parts: Parts): Bots {
  const { fleet, kinds, owners, reasons, brings, repositories, deploy, home } = parts;
  const write: Bots['write'] = async (reference, written, change) =>
    (await fleet.keeper(reference)).write(written, change);
  return {
    get slugs() {
      return fleet.slugs;
    },
    slugOf: (reference) => fleet.slugOf(reference),
    namesOf: (reference) => fleet.namesOf(reference),
    idOf: (reference) => fleet.idOf(fleet.slugOf(reference)),
    get: (reference) => fleet.get(reference),
    forTurn: async (reference, { persona, asked } = {}) => {
      const ready = await (await fleet.keeper(reference)).forTurn();
      return withBrought(withPersona(ready, persona), asked, brings, home.log);
    },
    all: () => fleet.all(),
    create: (slug, contents, change, executables) => fleet.create(slug, contents, change, executables),
    fetch: (url, folder, signal) => repositories.clone(url, folder, signal),
    adopt: (slug, folder, by) => fleet.adopt(slug, folder, by),
    remove: (slug) => fleet.remove(slug),
    write,
    edit: (reference, file, edit, change) => write(reference, new Map([[file, edit]]), change),
    keeper: (reference) => fleet.keeper(reference),
    withMemory: (reference, work) => fleet.withMemory(reference, work),
    repository: (place) => readyRepository(fleet, place),
    deploy,
    summaries: (version, sumUp) => consumer.use(indexOf(consumer, parts, version, sumUp)),
    files: (key, kind) => kinds.add(consumer, key, kind),
    kinds,
    owner: () => ownerOf(owners),
    ownedBy: (owner) => owners.add(consumer, consumer.name, owner),
    waitWhen: (why) => reasons.add(consumer, consumer.name, why),
    bring: (bring) => brings.add(consumer, consumer.name, bring),
  };
}

function indexOf<T>(
  consumer: Scope,
  { fleet, home, kinds, onTouch }: Parts,
  version: string,
  sumUp: (bot: Bot) => T,
): BotIndex<T> {
  const index = new BotIndex<T>({
    home,
    version: () => `${version} ${Array.from(kinds, ([key]) => key).join(' ')}`,
    has: (slug) => fleet.namesOf(slug).length > 0,
    enter: isProgramFolder,
    beside: (slug) => [sealPath(fleet.idOf(slug))],
    isFollowed: (slug) => fleet.isFollowed(slug),
    read: async (slug) => sumUp(await fleet.glance(slug)),
  });
  onTouch(consumer, (slug) => index.touch(slug));
  kinds.follow(consumer, () => index.touchAll());
  return index;
}

function ownerOf(owners: Iterable<[string, () => Author]>): Author {
  return [...owners].at(-1)?.[1]() ?? system;
}

function firstOf<T, R>(registry: Iterable<[string, T]>, ask: (value: T) => R | undefined): R | undefined {
  for (const [, value] of registry) {
    const answer = ask(value);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** How deep below a bot folder edits are seen. */
const DEPTH = 4;

/** Folders that hold a bot's program: not its memory, not git's own, nothing hidden. */
function isProgramFolder(folder: string): boolean {
  const [top, ...inside] = folder.split('/');
  if (top !== 'bots' || inside.length > DEPTH) return false;
  if (inside[1] === 'memory') return false;
  return inside.every((name) => !name.startsWith('.') && name !== 'node_modules');
}
