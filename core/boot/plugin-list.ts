import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../base/fault.ts';
import type { ModuleLoader } from '../kernel/modules.ts';
import type { PluginEntry } from '../kernel/plugin.ts';
import type { Config } from './config.ts';
import type { FoundHome } from './find-home.ts';
import { packageRoot } from './package-root.ts';
import { isConsented, type Consents } from './plugins/consents.ts';
import { findPlugins, nameOfPackage, type FoundPlugin } from './plugins/find.ts';
import { importFound, importPlugin } from './plugins/import.ts';
import type { SettingsFile } from './settings.ts';

export interface PluginList {
  readonly entries: readonly PluginEntry[];
  /** Plugins of settings.yaml that could not be loaded: name and why. */
  readonly failures: ReadonlyMap<string, Fault>;
  /** Plugins whose capabilities, as they are now, wait for a person's consent. */
  readonly waiting: ReadonlyMap<string, FoundPlugin>;
  /** Packages that are turned on. */
  readonly packages: readonly FoundPlugin[];
  /** What the import of those took that do not come with the product, in milliseconds. */
  readonly importedInMs: ReadonlyMap<string, number>;
}

export interface ListOptions {
  readonly home: FoundHome;
  readonly loader: Pick<ModuleLoader, 'import' | 'serve'>;
  readonly consents: Consents;
  /** Plugins of the product alone. */
  readonly isSafe: boolean;
  /** What ran until now: one whose code cannot be loaded keeps running as it is there. */
  readonly last: PluginList | undefined;
}

/**
 * Which plugins shall run: the standard ones, changed by settings.yaml, then by the config, which wins. A name in
 * settings.yaml that is none of the standard ones is a plugin in the home's `plugins/`, one that ships with the product, or an
 * installed package. What is not of the product runs by consent: of the home, turning it on in settings.yaml is the first one.
 */
export async function listPlugins(
  standard: readonly PluginEntry[],
  file: SettingsFile,
  config: Config,
  options: ListOptions,
): Promise<PluginList> {
  const entries = new Map(standard.map((entry) => [entry.plugin.name, entry]));
  const others: [string, unknown][] = [];
  for (const [name, value] of Object.entries(file.plugins ?? {})) {
    const known = entries.get(name);
    if (value === false) entries.delete(name);
    else if (known) entries.set(name, { plugin: known.plugin, config: value === true ? known.config : value });
    else others.push([name, value === true ? undefined : value]);
  }
  const list = await loadOthers(others, options);
  for (const entry of list.entries) entries.set(entry.plugin.name, entry);
  if (!options.isSafe) for (const entry of config.plugins ?? []) entries.set(entry.plugin.name, entry);
  for (const name of config.disabled ?? []) entries.delete(name);
  return { ...list, entries: [...entries.values()] };
}

/** Those that are turned on by name, side by side: one that takes its time delays no other. */
async function loadOthers(wanted: readonly [string, unknown][], options: ListOptions): Promise<PluginList> {
  const failures = new Map<string, Fault>();
  const waiting = new Map<string, FoundPlugin>();
  const importedInMs = new Map<string, number>();
  const packages: FoundPlugin[] = [];
  const found = wanted.length > 0 && !options.isSafe ? await findPlugins(options.home) : [];
  const consents = await options.consents.all();
  const running = (name: string): PluginEntry[] =>
    options.last?.entries.filter((entry) => entry.plugin.name === name) ?? [];
  const load = async ([name, config]: [string, unknown]): Promise<PluginEntry[]> => {
    const place = placeOf(name, found);
    if (place === undefined && options.isSafe) return [];
    try {
      if (place === undefined) throw missing(name, options.home);
      if (typeof place === 'string') return [{ plugin: (await importPlugin(place, options.loader)).plugin, config }];
      if (place.origin === 'package') packages.push(place);
      const consent = consents.get(name);
      if (!isConsented(place, consent) && (consent || place.origin === 'package')) {
        waiting.set(name, place);
        return running(name);
      }
      const { plugin, ms } = await importFound(place, options.loader);
      importedInMs.set(name, ms);
      // Where it cannot be written, the next start finds the same line in settings.yaml.
      if (!consent) await options.consents.give(place, 'settings.yaml').catch(() => undefined);
      return [{ plugin, config }];
    } catch (error) {
      failures.set(name, Fault.from(error));
      return running(name);
    }
  };
  const entries = (await Promise.all(wanted.map(load))).flat();
  return { entries, failures, waiting, packages, importedInMs };
}

/** A plugin of the home, else the module of one that ships with the product, else a package. */
function placeOf(name: string, found: readonly FoundPlugin[]): FoundPlugin | string | undefined {
  const other = found.find((plugin) => plugin.name === name);
  return other?.origin === 'home' ? other : (shippedModule(name) ?? other);
}

function shippedModule(name: string): string | undefined {
  if (!/^[\w-]+$/.test(name)) return undefined;
  const places = ['index.ts', 'index.js'].map((file) => fileURLToPath(new URL(`plugins/${name}/${file}`, packageRoot)));
  return places.find((place) => existsSync(place));
}

function missing(name: string, home: FoundHome): Fault {
  const short = nameOfPackage(name);
  const own = path.join(home.path, 'plugins', short);
  const advice = short === name ? '' : ` A package is turned on by its short name: plugins.${short}.`;
  return new Fault(
    'PLUGIN_MISSING',
    `settings.yaml turns on "${name}", but there is no ${path.join(own, 'index.ts')}, no ${own}.ts and no package boternity-plugin-${short}.${advice}`,
  );
}
