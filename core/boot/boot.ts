import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Actions } from '../actions/actions.ts';
import { Fault } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import { measured, meterOf, type Meter } from '../base/meter.ts';
import type { Problem } from '../bots/file-kind.ts';
import { createDiskFiles } from '../files/disk.ts';
import type { Files } from '../files/files.ts';
import { lockHome, type Owner } from '../files/home-lock.ts';
import { sweepLeftovers } from '../files/leftovers.ts';
import { Kernel, type PluginStatus } from '../kernel/kernel.ts';
import { createModuleLoader } from '../kernel/modules.ts';
import { definePlugin, type PluginEntry } from '../kernel/plugin.ts';
import { Registry } from '../kernel/registry.ts';
import { loadEnvFile } from './env-files.ts';
import type { FoundHome } from './find-home.ts';
import { assertKnownVersion } from './home-version.ts';
import { initHome } from './init-home.ts';
import { packageRoot, version } from './package-root.ts';
import { Plan } from './plan.ts';
import type { PluginRow } from './plugin-table.ts';
import { projectFor, type FoundPlugin } from './plugins/find.ts';
import { problemOf } from './plugins/where.ts';
import { inspectPlugin, type Inspected } from './plugins/inspect.ts';
import { followChanges } from './reload.ts';
import { editFile } from '../files/edit-file.ts';
import { SETTINGS_FILE, writeSetting, type Setting, type SettingsFile } from './settings.ts';

export interface BootOptions {
  readonly home: FoundHome;
  /** The plugins that run unless settings or config say otherwise. */
  readonly standardPlugins: () => Promise<readonly PluginEntry[]>;
  /** What the command line or the environment sets; wins over every file. */
  readonly given?: SettingsFile;
  readonly log: Log;
  /** Whether other commands may find this server in `.boternity/server.json`. */
  readonly announce?: boolean;
  /** Another store below the same layout, for tests that count or break calls. */
  readonly files?: Files;
  readonly startTimeoutMs?: number;
  /** Plugins of the product alone: those of the home, of packages and of the config do not run. */
  readonly isSafe?: boolean;
}

/** The service `house`: the running whole, as plugins may see it. */
export interface House {
  readonly version: string;
  readonly startedAt: Date;
  /** Whether this is a server that goes on; false inside a command, which ends when it has its answer. */
  readonly isServer: boolean;
  /** Whether it was started with the plugins of the product alone. */
  readonly isSafe: boolean;
  /** The dead owner of the home whose place this start took, if there was one. */
  readonly replaced: Owner | undefined;
  plugins(): readonly RunningPlugin[];
  /** Every plugin that settings may turn on or off, those that are off too. */
  pluginTable(): Promise<readonly PluginRow[]>;
  /** Names of the services that plugins may need now. */
  services(): readonly string[];
  /** Keeps that somebody consented to what a plugin asks for, as it was found, and carries out what follows. */
  consentTo(plugin: FoundPlugin, by: string): Promise<void>;
  forgetConsent(name: string): Promise<void>;
  /** Imports a plugin in a process of its own, which may read files and nothing else, and tells what it is. Nothing of it starts. */
  inspect(plugin: FoundPlugin): Promise<Inspected>;
  /** Folder that packages are installed into: the nearest with a package.json upward from config and home, else the home. */
  project(): Promise<string>;
  /** The settings in force, each with the file that set it; or those that count when the command line gives none. */
  settings(without?: 'command line'): readonly Setting[];
  /** Changes settings.yaml and carries the change out. Dotted key; `undefined` removes it. */
  setSetting(key: string, value: unknown): Promise<void>;
  /** Where the server of this home listens, or will by its settings when it is started. */
  address(): string;
  /** Where people open its page: the public address, or where it listens. */
  page(): string;
  /** Changes the text of settings.yaml and carries the change out. */
  editSettings(edit: (text: string) => string | Promise<string>): Promise<void>;
  /** What is wrong in boternity.config.ts, settings.yaml, the plugins they name, and what plugins tell beside. */
  problems(): readonly Problem[];
  /** The problems, after everybody who keeps files of their own has looked at all of them. May take long. */
  check(): Promise<readonly Problem[]>;
  /**
   * Adds to the problems, until the consumer stops: for a plugin that keeps a file of its own in the home. `look` is asked by
   * `check` alone, for what costs too much to be known at any time.
   */
  tellProblems(source: () => readonly Problem[], look?: () => Promise<readonly Problem[]>): void;
}

declare module '../kernel/names.ts' {
  interface Services {
    house: House;
  }
}

/** How long a start waits for plugins of others when all else is there, and how often it looks, in milliseconds. */
const GRACE_MS = 3_000;
const LOOK_MS = 50;

/** A plugin as it does, and what it cost others since it started. */
export interface RunningPlugin extends Omit<PluginStatus, 'scope'> {
  readonly meter: Meter | undefined;
}

/** A house that runs. Disposing it stops everything and frees the home. */
export interface RunningHouse extends AsyncDisposable {
  readonly home: string;
  /** Where it listens. */
  readonly url: string;
  /** Where people open its page: the public address, or where it listens. */
  readonly page: string;
  readonly kernel: Kernel;
  /** Those of now: a change of the address or of what actions stand on makes another one. */
  readonly actions: Actions;
  /** Calls whenever actions come or go, as long as the house stands. */
  followActions(listener: () => void): void;
  /** Whether the plugins of the product run alone. */
  readonly isSafe: boolean;
  /** The dead owner whose place it took, if there was one. */
  readonly replaced: Owner | undefined;
  /** Takes nothing new and settles when what is under way is done, or at the latest when the signal is aborted. */
  drain(signal: AbortSignal): Promise<void>;
}

/** Takes the home, loads config and settings, starts the plugins and listens. Throws a fault that says what stands in the way. */
export async function boot(options: BootOptions): Promise<RunningHouse> {
  await using undo = new AsyncDisposableStack();
  const { home, log } = options;
  const began = Date.now();
  await initHome(home.path, { withConfig: false });
  await assertKnownVersion(createDiskFiles(home.path), home.path);
  for (const sentence of loadEnvFile(home.path)) log.warn(sentence);
  const lock = undo.use(await lockHome(home.path));
  const loader = undo.use(
    createModuleLoader(packageRoot, pathToFileURL(`${path.dirname(home.config)}/`), pathToFileURL(`${home.path}/`)),
  );
  const files = options.files ?? createDiskFiles(home.path);
  const { standardPlugins, given = {}, isSafe = false } = options;
  const plan = new Plan({ home, standardPlugins, given, isSafe, log }, loader, files);
  const kernel = undo.use(
    new Kernel({
      around: measured,
      report: (error, where) => log.error(`Failed: ${where}`, { error }),
      ...(options.startTimeoutMs && { startTimeoutMs: options.startTimeoutMs }),
    }),
  );
  // The watches stand before the first reading, so no edit falls between; what they see is carried out after the start.
  const started = Promise.withResolvers<void>();
  const watches = undo.use(
    await followChanges({
      home,
      loader,
      packages: () => plan.packages,
      apply: () => started.promise.then(() => plan.apply(kernel)).then(announce),
      log,
    }),
  );
  await plan.readFirst();
  await watches.followPackages();
  if (plan.value('watch') === false) watches[Symbol.dispose]();
  const seen = await start(kernel, plan, options, files, lock.replaced);
  const announce = async (): Promise<void> => {
    if (options.announce && seen.url) await lock.announce(seen.url);
  };
  await announce();
  started.resolve();
  if (lock.replaced) undo.use(sweepInBackground(home.path, began, log));
  const stack = undo.move();
  return {
    home: home.path,
    get url() {
      return seen.url ?? '';
    },
    get page() {
      return plan.page(seen.url ?? '');
    },
    kernel,
    get actions() {
      return seen.actions;
    },
    followActions: (listener) => void seen.followers.add(listener),
    isSafe,
    replaced: lock.replaced,
    drain: (signal) => seen.drain(signal),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** After an end without a word: clears away what that owner had not finished. */
function sweepInBackground(home: string, before: number, log: Log): Disposable {
  const stop = new AbortController();
  void sweepLeftovers(home, { before, signal: stop.signal }).then((removed) => {
    if (removed > 0) log.info('Unfinished files of the last owner were removed', { removed });
  });
  return { [Symbol.dispose]: () => stop.abort() };
}

/** What the plugin `start` sees; another one after each of its restarts. */
interface Seen {
  actions: Actions;
  drain: RunningHouse['drain'];
  url: string | undefined;
  readonly followers: Set<() => void>;
}

/** Loads the plugins and waits for those without which there is no house; a failure of one of them is the failure of the start. */
async function start(
  kernel: Kernel,
  plan: Plan,
  options: BootOptions,
  files: Files,
  replaced: Owner | undefined,
): Promise<Seen> {
  const seen: Partial<Seen> & Pick<Seen, 'followers'> = { followers: new Set() };
  const observe = definePlugin({
    name: 'start',
    needs: ['actions', 'web'],
    setup(context) {
      seen.actions = context.actions;
      context.actions.follow(() => seen.followers.forEach((listener) => listener()));
      seen.url = context.web.url;
      seen.drain = context.open('server.drain', async () => undefined);
    },
  });
  const startedAt = new Date();
  /** Later, because what is carried out may restart the plugin that asks for it. */
  const carryOut = (): void =>
    void setImmediate(
      () =>
        void plan
          .apply(kernel)
          .catch((error: unknown) => options.log.error('A setting could not be carried out', { error })),
    );
  const house = definePlugin({
    name: 'house',
    needs: ['home'],
    provides: ['house'],
    setup(context) {
      const sources = new Registry<() => readonly Problem[]>('source of problems');
      const looks = new Registry<() => Promise<readonly Problem[]>>('check');
      const address = (): string => (options.announce && seen.url ? seen.url : plan.address());
      const problems = (): Problem[] => [
        ...plan.problems,
        ...context.home.problems,
        ...problemsOf(kernel, context.home.path),
        ...[...sources].flatMap(([, source]) => source()),
      ];
      context.provide('house', (consumer) => ({
        version,
        startedAt,
        isServer: options.announce === true,
        isSafe: options.isSafe === true,
        replaced,
        plugins: () => Array.from(kernel.status(), withMeter),
        pluginTable: () => plan.pluginTable([...kernel.status()]),
        services: () => plan.services(kernel),
        consentTo: async (plugin, by) => {
          await plan.consents.give(plugin, by);
          carryOut();
        },
        forgetConsent: (name) => plan.consents.forget(name),
        inspect: (plugin) => inspectPlugin(plugin, options.home),
        project: () => projectFor(options.home),
        settings: (without) => plan.settings(without),
        setSetting: async (key, value) => {
          await writeSetting(files, plan.config, key, value);
          carryOut();
        },
        editSettings: async (edit) => {
          await editFile(files, SETTINGS_FILE, edit);
          await plan.read();
          carryOut();
        },
        address,
        page: () => plan.page(address()),
        problems,
        check: async () => [...problems(), ...(await Promise.all([...looks].map(([, look]) => look()))).flat()],
        tellProblems(source, look) {
          sources.add(consumer, consumer.name, source);
          if (look) looks.add(consumer, consumer.name, look);
        },
      }));
    },
  });
  plan.core = [house(), observe(), botNames()];
  const others = plan.ofOthers;
  const isStarting = ({ name, state, missing }: PluginStatus): boolean =>
    state === 'waiting' && missing.length === 0 && !others.has(name);
  const isBusy = (): boolean => seen.url === undefined || kernel.status().some(isStarting);
  await soon(kernel.load(...plan.entries()), isBusy, options.log);
  plan.isReady = true;
  if (seen.actions) return seen as Seen;
  throw whyNot([...kernel.status()]);
}

/**
 * Waits for all plugins; when the server listens and all of the product have started, a while longer for those of others: their
 * start may never end.
 */
async function soon(loading: Promise<void>, isBusy: () => boolean, log: Log): Promise<void> {
  let isDone = false;
  const done = loading.finally(() => (isDone = true));
  for (let idle = 0; idle < GRACE_MS; idle = isBusy() ? 0 : idle + LOOK_MS) {
    await Promise.race([done, sleep(LOOK_MS, undefined, { ref: false })]);
    if (isDone) return done;
  }
  log.warn('The server goes on while plugins of others are still starting');
  done.catch((error: unknown) => log.error('Plugins could not be started', { error }));
}

/** Bots and actions stand on one floor and know nothing of each other: here grants learn the names of bots. */
const botNames = definePlugin({
  name: 'bot-names',
  needs: ['bots', 'actions'],
  setup: ({ bots, actions }) => actions.nameBots((bot) => bots.namesOf(bot)),
});

/** The plugins that failed, or run on with their older code or settings because the newer ones were refused; and those whose calls met errors. */
function problemsOf(kernel: Kernel, home: string): Problem[] {
  const problems: Problem[] = [];
  for (const { name, error, meter } of Array.from(kernel.status(), withMeter)) {
    if (error) problems.push(problemOf(name, error, home));
    const { failure, errors = 0 } = meter ?? {};
    if (!failure) continue;
    const calls = errors === 1 ? 'a call' : `${errors} calls`;
    const message = `${calls} met an error nobody expected; the last, of ${failure.what}: ${failure.error.message}`;
    problems.push({ ...problemOf(name, failure.error, home), level: 'warning', message });
  }
  return problems;
}

function withMeter({ scope, ...status }: PluginStatus): RunningPlugin {
  return { ...status, meter: scope && meterOf(scope) };
}

/** Why there is no server: the error of a plugin without which there is none, or the service that such a plugin waits for. */
function whyNot(plugins: readonly PluginStatus[]): Error {
  const vital = new Set(['home', 'actions', 'callers', 'web']);
  const failed = plugins.find(({ name, error }) => error && vital.has(name)) ?? plugins.find(({ error }) => error);
  if (failed?.error) return failed.error;
  const waiting = plugins.find(({ name, missing }) => vital.has(name) && missing.length > 0);
  const missing = waiting?.missing.join(', ') ?? 'nothing';
  return new Fault(
    'PLUGIN_SERVICE',
    `The server cannot start: "${waiting?.name}" waits for ${missing}, which no plugin provides.`,
    {
      hint: 'Turn the plugin that provides it on again in settings.yaml or boternity.config.ts; for callers that is sign-in.',
    },
  );
}
