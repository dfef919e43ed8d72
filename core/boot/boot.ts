import path from 'node:path';
import { pathToFileURL } from 'node:url';
import actionsPlugin, { type Actions } from '../actions/actions.ts';
import { Fault } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import botsPlugin from '../bots/bots.ts';
import type { Problem } from '../bots/file-kind.ts';
import { createDiskFiles } from '../files/disk.ts';
import type { Files } from '../files/files.ts';
import { lockHome, type Owner } from '../files/home-lock.ts';
import homePlugin from '../files/home.ts';
import { sweepLeftovers } from '../files/leftovers.ts';
import { Kernel, type PluginStatus } from '../kernel/kernel.ts';
import { createModuleLoader, type ModuleLoader } from '../kernel/modules.ts';
import { definePlugin, type PluginEntry } from '../kernel/plugin.ts';
import { Registry } from '../kernel/registry.ts';
import webPlugin from '../server/server.ts';
import checksPlugin from './checks.ts';
import { loadConfig, type Config } from './config.ts';
import { loadEnvFile } from './env-files.ts';
import type { FoundHome } from './find-home.ts';
import { initHome } from './init-home.ts';
import { packageRoot, version } from './package-root.ts';
import { listPlugins } from './plugin-list.ts';
import { pluginTable, type PluginRow } from './plugin-table.ts';
import { followChanges } from './reload.ts';
import { editFile } from '../files/edit-file.ts';
import { urlOf } from '../server/listen.ts';
import { effective, readSettings, SETTINGS_FILE, writeSetting, type Setting, type SettingsFile } from './settings.ts';

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
}

/** The service `house`: the running whole, as plugins may see it. */
export interface House {
  readonly version: string;
  readonly startedAt: Date;
  /** Whether this is a server that goes on; false inside a command, which ends when it has its answer. */
  readonly isServer: boolean;
  /** The dead owner of the home whose place this start took, if there was one. */
  readonly replaced: Owner | undefined;
  plugins(): readonly PluginStatus[];
  /** Every plugin that settings may turn on or off, those that are off too. */
  pluginTable(): Promise<readonly PluginRow[]>;
  /** The settings in force, each with the file that set it; or those that count when the command line gives none. */
  settings(without?: 'command line'): readonly Setting[];
  /** Changes settings.yaml and carries the change out. Dotted key; `undefined` removes it. */
  setSetting(key: string, value: unknown): Promise<void>;
  /** Where the server of this home listens, or will by its settings when it is started. */
  address(): string;
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

/** A house that runs. Disposing it stops everything and frees the home. */
export interface RunningHouse extends AsyncDisposable {
  readonly home: string;
  /** Where it listens. */
  readonly url: string;
  readonly kernel: Kernel;
  readonly actions: Actions;
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
  for (const sentence of loadEnvFile(home.path)) log.warn(sentence);
  const lock = undo.use(await lockHome(home.path));
  const loader = undo.use(
    createModuleLoader(packageRoot, pathToFileURL(`${path.dirname(home.config)}/`), pathToFileURL(`${home.path}/`)),
  );
  const files = options.files ?? createDiskFiles(home.path);
  const plan = new Plan(options, loader, files);
  const kernel = undo.use(
    new Kernel({
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
      apply: () => started.promise.then(() => plan.apply(kernel)).then(announce),
      log,
    }),
  );
  await plan.readFirst();
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
    url: seen.url ?? '',
    kernel,
    actions: seen.actions,
    replaced: lock.replaced,
    drain: seen.drain,
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

interface Seen {
  actions: Actions;
  drain: RunningHouse['drain'];
  url: string | undefined;
}

/** Loads the plugins and waits for those without which there is no house; a failure of one of them is the failure of the start. */
async function start(
  kernel: Kernel,
  plan: Plan,
  options: BootOptions,
  files: Files,
  replaced: Owner | undefined,
): Promise<Seen> {
  const seen: Partial<Seen> = {};
  const observe = definePlugin({
    name: 'start',
    needs: ['actions', 'web'],
    setup(context) {
      seen.actions = context.actions;
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
      const problems = (): Problem[] => [
        ...plan.problems,
        ...context.home.problems,
        ...problemsOf(kernel),
        ...[...sources].flatMap(([, source]) => source()),
      ];
      context.provide('house', (consumer) => ({
        version,
        startedAt,
        isServer: options.announce === true,
        replaced,
        plugins: () => [...kernel.status()],
        pluginTable: () => plan.pluginTable([...kernel.status()]),
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
        address: () => (options.announce && seen.url ? seen.url : plan.address()),
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
  await kernel.load(...plan.entries());
  plan.isReady = true;
  if (seen.actions) return seen as Seen;
  throw whyNot([...kernel.status()]);
}

/** Bots and actions stand on one floor and know nothing of each other: here grants learn the names of bots. */
const botNames = definePlugin({
  name: 'bot-names',
  needs: ['bots', 'actions'],
  setup: ({ bots, actions }) => actions.nameBots((bot) => bots.namesOf(bot)),
});

/** The plugins that failed, or run on with their older code or settings because the newer ones were refused. */
function problemsOf(kernel: Kernel): Problem[] {
  return [...kernel.status()].flatMap(({ name, error }) =>
    error ? [{ file: `plugin ${name}`, line: 1, column: 1, level: 'error' as const, message: error.message }] : [],
  );
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

/** Which plugins shall run and with what, as config and settings say it now. */
class Plan {
  readonly #options: BootOptions;
  readonly #loader: ModuleLoader;
  readonly #files: Files;
  core: readonly PluginEntry[] = [];
  config: Config = {};
  isReady = false;
  #file: SettingsFile = {};
  #configProblems: readonly Problem[] = [];
  #plugins: readonly PluginEntry[] = [];
  #problems: readonly Problem[] = [];

  constructor(options: BootOptions, loader: ModuleLoader, files: Files) {
    this.#options = options;
    this.#loader = loader;
    this.#files = files;
  }

  get problems(): readonly Problem[] {
    return [...this.#configProblems, ...this.#problems];
  }

  settings(without?: 'command line'): Setting[] {
    return effective(without ? {} : (this.#options.given ?? {}), this.config, this.#file);
  }

  /** Where a server would listen that is started without flags. */
  address(): string {
    const settled = new Map(effective({}, this.config, this.#file).map(({ key, value }) => [key, value]));
    return urlOf(String(settled.get('host')), Number(settled.get('port')));
  }

  async pluginTable(running: readonly PluginStatus[]): Promise<PluginRow[]> {
    const { home, standardPlugins } = this.#options;
    const standard = await standardPlugins();
    return pluginTable({
      standard,
      running,
      wanted: this.#plugins,
      file: this.#file,
      config: this.config,
      home: home.path,
    });
  }

  value(key: string): unknown {
    return this.settings().find((setting) => setting.key === key)?.value;
  }

  /**
   * The first reading. A broken config does not keep the server from starting: what it would have fixed is not known, so the
   * server then listens on this machine alone.
   */
  async readFirst(): Promise<void> {
    try {
      await this.read();
    } catch (error) {
      this.#refuse(error, 'The server starts without its config, for this machine alone');
      await this.#readWith({ host: '127.0.0.1' });
    }
  }

  /** Reads config and settings. Throws CONFIG_INVALID and keeps what was when the config is broken. */
  async read(): Promise<void> {
    await this.#readWith(await loadConfig(this.#options.home.config, this.#loader));
    this.#configProblems = [];
  }

  #refuse(error: unknown, consequence: string): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#configProblems = [{ file: 'boternity.config.ts', line: 1, column: 1, level: 'error', message }];
    this.#options.log.error(consequence, { error });
  }

  async #readWith(config: Config): Promise<void> {
    const { home, standardPlugins } = this.#options;
    this.config = config;
    const { values, problems } = await readSettings(this.#files, this.#file);
    this.#file = values;
    const { entries, failures } = await listPlugins(
      await standardPlugins(),
      values,
      this.config,
      home.path,
      this.#loader,
      this.#plugins,
    );
    this.#plugins = entries;
    const notLoaded = failures.map(({ fault }): Problem => ({
      file: 'settings.yaml',
      line: 1,
      column: 1,
      level: 'error',
      message: fault.message,
    }));
    this.#problems = [...problems, ...notLoaded];
  }

  entries(): PluginEntry[] {
    const { home, log, files } = this.#options;
    return [
      homePlugin({ path: home.path, watch: this.value('watch') as boolean, log, files }),
      actionsPlugin(),
      checksPlugin(),
      botsPlugin(),
      webPlugin({
        host: this.value('host') as string,
        port: this.value('port') as number,
        version,
        packageRoot,
        isReady: this.#readiness,
      }),
      ...this.core,
      ...this.#plugins,
    ];
  }

  /** Reads again and lets the kernel follow: only what differs restarts, what is no longer listed stops. */
  async apply(kernel: Kernel): Promise<void> {
    try {
      await this.read();
    } catch (error) {
      this.#refuse(error, 'The changed config is not used; the last good one stays');
      return;
    }
    const entries = this.entries();
    const listed = new Set(entries.map((entry) => entry.plugin.name));
    const gone = Array.from(kernel.status(), ({ name }) => name).filter((name) => !listed.has(name));
    for (const name of gone) await kernel.unload(name);
    await kernel.load(...entries);
    for (const status of kernel.status()) {
      if (status.error) this.#options.log.error(`Plugin ${status.name} has a problem`, { error: status.error });
    }
  }

  readonly #readiness = (): boolean => this.isReady;
}
