import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../base/fault.ts';
import type { ModuleLoader } from '../kernel/modules.ts';
import type { Plugin, PluginEntry } from '../kernel/plugin.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Config } from './config.ts';
import { describeImportError } from './import-error.ts';
import { packageRoot } from './package-root.ts';
import type { SettingsFile } from './settings.ts';

export interface PluginList {
  readonly entries: readonly PluginEntry[];
  /** Plugins of settings.yaml that could not be loaded: name and why. */
  readonly failures: readonly { readonly name: string; readonly fault: Fault }[];
}

/**
 * Which plugins shall run: the standard ones, changed by settings.yaml, then by the config, which wins. A name in
 * settings.yaml that is none of the standard ones is a folder in the home's `plugins/`, or one that ships with the product.
 * One whose code cannot be loaded keeps running as it is in `last`.
 */
export async function listPlugins(
  standard: readonly PluginEntry[],
  file: SettingsFile,
  config: Config,
  home: string,
  loader: Pick<ModuleLoader, 'import'>,
  last: readonly PluginEntry[] = [],
): Promise<PluginList> {
  const entries = new Map(standard.map((entry) => [entry.plugin.name, entry]));
  const failures: { name: string; fault: Fault }[] = [];
  for (const [name, value] of Object.entries(file.plugins ?? {})) {
    if (value === false) {
      entries.delete(name);
      continue;
    }
    const known = entries.get(name);
    const settings = value === true ? known?.config : value;
    try {
      const plugin = known?.plugin ?? (await importLocal(home, name, loader)).plugin;
      entries.set(name, { plugin, config: settings });
    } catch (error) {
      failures.push({ name, fault: Fault.from(error) });
      const running = last.find((entry) => entry.plugin.name === name);
      if (running) entries.set(name, running);
    }
  }
  for (const entry of config.plugins ?? []) entries.set(entry.plugin.name, entry);
  for (const name of config.disabled ?? []) entries.delete(name);
  return { entries: [...entries.values()], failures };
}

async function importLocal(
  home: string,
  name: string,
  loader: Pick<ModuleLoader, 'import'>,
): Promise<Plugin<StandardSchemaV1>> {
  const folder = path.basename(name);
  const own = path.join(home, 'plugins', folder, 'index.ts');
  const places = [
    own,
    ...['index.ts', 'index.js'].map((file) => fileURLToPath(new URL(`plugins/${folder}/${file}`, packageRoot))),
  ];
  const file = places.find((place) => existsSync(place));
  if (!file) throw new Fault('PLUGIN_MISSING', `settings.yaml turns on "${name}", but there is no ${own}.`);
  let loaded: Record<string, unknown>;
  try {
    loaded = await loader.import(file);
  } catch (error) {
    throw new Fault('CONFIG_INVALID', `${file} cannot be loaded: ${describeImportError(error)}`, { cause: error });
  }
  const plugin = loaded.default;
  if (typeof plugin !== 'function' || !('plugin' in plugin)) {
    throw new Fault('CONFIG_INVALID', `${file} has no default export made by definePlugin.`);
  }
  return plugin as Plugin<StandardSchemaV1>;
}
