import type { Log } from '../base/log.ts';
import actionsPlugin from '../actions/actions.ts';
import botsPlugin from '../bots/bots.ts';
import type { Problem } from '../bots/file-kind.ts';
import type { Files } from '../files/files.ts';
import homePlugin from '../files/home.ts';
import type { Kernel, PluginStatus } from '../kernel/kernel.ts';
import type { ModuleLoader } from '../kernel/modules.ts';
import type { PluginEntry } from '../kernel/plugin.ts';
import reachPlugin from '../server/reach.ts';
import webPlugin from '../server/server.ts';
import { urlOf } from '../server/listen.ts';
import checksPlugin from './checks.ts';
import { loadConfig, type Config } from './config.ts';
import type { FoundHome } from './find-home.ts';
import { packageRoot, version } from './package-root.ts';
import { listPlugins, type PluginList } from './plugin-list.ts';
import { pluginTable, type PluginRow } from './plugin-table.ts';
import { Consents } from './plugins/consents.ts';
import { findPlugins, type FoundPlugin } from './plugins/find.ts';
import { problemOf } from './plugins/where.ts';
import { effective, readSettings, SETTINGS_FILE, type Setting, type SettingsFile } from './settings.ts';

export interface PlanOptions {
  readonly home: FoundHome;
  readonly standardPlugins: () => Promise<readonly PluginEntry[]>;
  readonly given: SettingsFile;
  /** Plugins of the product alone. */
  readonly isSafe: boolean;
  readonly log: Log;
}

/** Which plugins shall run and with what, as config and settings say it now. */
export class Plan {
  readonly #options: PlanOptions;
  readonly #loader: ModuleLoader;
  readonly #files: Files;
  readonly consents: Consents;
  core: readonly PluginEntry[] = [];
  config: Config = {};
  isReady = false;
  #file: SettingsFile = {};
  #configProblems: readonly Problem[] = [];
  #list: PluginList | undefined;
  #problems: readonly Problem[] = [];

  constructor(options: PlanOptions, loader: ModuleLoader, files: Files) {
    this.#options = options;
    this.#loader = loader;
    this.#files = files;
    this.consents = new Consents(files);
  }

  get problems(): readonly Problem[] {
    return [...this.#configProblems, ...this.#problems];
  }

  settings(without?: 'command line'): Setting[] {
    return effective(without ? {} : this.#options.given, this.config, this.#file);
  }

  /** Where a server would listen that is started without flags. */
  address(): string {
    const settled = new Map(effective({}, this.config, this.#file).map(({ key, value }) => [key, value]));
    return urlOf(String(settled.get('host')), Number(settled.get('port')));
  }

  /** Where people open the page of a server that listens there. */
  page(url: string): string {
    const open = this.value('tls') ? url.replace(/^http:/, 'https:') : url;
    return (this.value('publicUrl') as string | null) ?? open;
  }

  async pluginTable(running: readonly PluginStatus[]): Promise<PluginRow[]> {
    const { home, standardPlugins, isSafe } = this.#options;
    const [standard, found, consents] = await Promise.all([standardPlugins(), findPlugins(home), this.consents.all()]);
    const { config } = this;
    return pluginTable({ standard, running, list: this.#list, file: this.#file, config, found, consents, isSafe });
  }

  /** Names of the services that plugins may need now. */
  services(kernel: Kernel): string[] {
    const running = new Set(Array.from(kernel.status(), ({ name, state }) => (state === 'running' ? name : '')));
    const entries = this.entries().filter(({ plugin }) => running.has(plugin.name));
    return [...new Set(entries.flatMap(({ plugin }) => plugin.provides))].toSorted();
  }

  /** Names of the plugins that do not come with the product. */
  get ofOthers(): ReadonlySet<string> {
    const inConfig = (this.config.plugins ?? []).map(({ plugin }) => plugin.name);
    return new Set([...(this.#list?.importedInMs.keys() ?? []), ...inConfig]);
  }

  /** Packages that are turned on. */
  get packages(): readonly FoundPlugin[] {
    return this.#list?.packages ?? [];
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
    const wasEmpty = Object.keys(this.config).length === 0;
    await this.#readWith(await loadConfig(this.#options.home.config, this.#loader, { wasEmpty }));
    this.#configProblems = [];
  }

  #refuse(error: unknown, consequence: string): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#configProblems = [{ file: 'boternity.config.ts', line: 1, column: 1, level: 'error', message }];
    this.#options.log.error(consequence, { error });
  }

  async #readWith(config: Config): Promise<void> {
    const { home, standardPlugins, isSafe, log } = this.#options;
    this.config = config;
    const { values, problems } = await readSettings(this.#files, this.#file);
    this.#file = values;
    const { consents } = this;
    const loading = { home, loader: this.#loader, consents, isSafe, last: this.#list };
    this.#list = await listPlugins(await standardPlugins(), values, this.config, loading);
    const notLoaded = Array.from(this.#list.failures, ([name, fault]) => problemOf(name, fault, home.path));
    const asking = [...this.#list.waiting.values()].map((found) => askingProblem(found));
    for (const { message } of asking) if (!this.#problems.some((told) => told.message === message)) log.warn(message);
    this.#problems = [...problems, ...notLoaded, ...asking];
  }

  entries(): PluginEntry[] {
    const { home, log } = this.#options;
    return [
      homePlugin({ path: home.path, watch: this.value('watch') as boolean, log, files: this.#files }),
      actionsPlugin(),
      checksPlugin(),
      botsPlugin(),
      reachPlugin({
        publicUrl: (this.value('publicUrl') ?? undefined) as string | undefined,
        trustedProxies: this.value('trustedProxies') as string[],
        allowedOrigins: this.value('allowedOrigins') as string[],
      }),
      webPlugin({
        host: this.value('host') as string,
        port: this.value('port') as number,
        tls: (this.value('tls') ?? undefined) as Config['tls'],
        version,
        packageRoot,
        isReady: this.#readiness,
      }),
      ...this.core,
      ...(this.#list?.entries ?? []),
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

function askingProblem({ name, capabilities }: FoundPlugin): Problem {
  const asked = capabilities.length === 0 ? 'nothing' : capabilities.join(', ');
  const message = `The plugin "${name}" waits for consent to what it asks for now (${asked}): bnity plugin enable ${name}`;
  return { file: SETTINGS_FILE, line: 1, column: 1, level: 'warning', message };
}
