import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { PluginStatus } from '../kernel/kernel.ts';
import type { AnyPlugin, PluginEntry } from '../kernel/plugin.ts';
import type { Config } from './config.ts';
import { packageRoot } from './package-root.ts';
import { isFixed, type SettingsFile } from './settings.ts';

/** A plugin that runs or could run. */
export interface PluginRow {
  readonly name: string;
  readonly state: PluginStatus['state'] | 'off';
  /** `product`: one of those that run by themselves. `shipped`: comes with the product and is off. `home`: a folder in the home's plugins/. */
  readonly origin: 'product' | 'shipped' | 'home' | 'boternity.config.ts';
  /** Whether boternity.config.ts says that it runs, or not. */
  readonly isLocked: boolean;
  /** Whether nobody could reach the server without it. */
  readonly isNeeded: boolean;
  readonly needs: readonly string[];
  readonly provides: readonly string[];
  /** What is written for it; undefined where nothing is. */
  readonly config: unknown;
  /** JSON Schema of its settings; undefined where it has none, or is not loaded. */
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  /** What its own schema says against settings, with their paths. */
  check(config: unknown): Promise<{ path: string; message: string }[]>;
}

export interface PluginSources {
  readonly standard: readonly PluginEntry[];
  /** Those that shall run. */
  readonly wanted: readonly PluginEntry[];
  readonly running: readonly PluginStatus[];
  readonly file: SettingsFile;
  readonly config: Config;
  /** Folder of the home. */
  readonly home: string;
}

/** Every plugin that settings may turn on or off, in order of their names. Code of what is off and not known yet is not run. */
export function pluginTable(sources: PluginSources): PluginRow[] {
  const { standard, wanted, file, config, home } = sources;
  const known = new Map([...standard, ...wanted].map((entry) => [entry.plugin.name, entry]));
  const names = new Set([
    ...known.keys(),
    ...Object.keys(file.plugins ?? {}),
    ...(config.disabled ?? []),
    ...foldersIn(path.join(home, 'plugins')),
    ...foldersIn(fileURLToPath(new URL('plugins/', packageRoot))),
  ]);
  return [...names].toSorted().map((name) => rowOf(name, known.get(name), sources));
}

function rowOf(name: string, entry: PluginEntry | undefined, sources: PluginSources): PluginRow {
  const { wanted, running, file, config } = sources;
  const status = running.find((one) => one.name === name);
  const isWanted = wanted.some(({ plugin }) => plugin.name === name);
  const plugin = entry?.plugin;
  const written = file.plugins?.[name];
  return {
    name,
    // One that shall run and that the kernel does not have could not be loaded.
    state: status?.state ?? (isWanted || (written !== undefined && written !== false) ? 'failed' : 'off'),
    origin: originOf(name, sources),
    isLocked: isFixed(config, `plugins.${name}`),
    isNeeded: plugin?.provides.includes('callers') ?? false,
    needs: plugin?.needs ?? [],
    provides: plugin?.provides ?? [],
    config: typeof written === 'object' ? written : undefined,
    schema: schemaOf(plugin),
    check: (given) => issuesOf(plugin, given),
  };
}

function originOf(name: string, { standard, config, home }: PluginSources): PluginRow['origin'] {
  if ((config.plugins ?? []).some(({ plugin }) => plugin.name === name)) return 'boternity.config.ts';
  if (foldersIn(path.join(home, 'plugins')).includes(name)) return 'home';
  return standard.some(({ plugin }) => plugin.name === name) ? 'product' : 'shipped';
}

function schemaOf(plugin: AnyPlugin | undefined): PluginRow['schema'] {
  const { config } = plugin ?? {};
  // Other libraries that keep to Standard Schema check settings and do not say what they are.
  if (!config || !('_zod' in config)) return undefined;
  return z.toJSONSchema(config as unknown as z.ZodType, { io: 'input', unrepresentable: 'any' });
}

async function issuesOf(plugin: AnyPlugin | undefined, given: unknown): Promise<{ path: string; message: string }[]> {
  const result = await plugin?.config?.['~standard'].validate(given);
  return (result?.issues ?? []).map(({ path: at = [], message }) => ({
    path: at.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message,
  }));
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^[\w-]+$/.test(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
