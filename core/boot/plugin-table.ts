import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { PluginStatus } from '../kernel/kernel.ts';
import { meterOf, type Meter } from '../base/meter.ts';
import type { AnyPlugin, PluginEntry } from '../kernel/plugin.ts';
import type { Config } from './config.ts';
import { packageRoot } from './package-root.ts';
import type { PluginList } from './plugin-list.ts';
import { isConsented, type Consent } from './plugins/consents.ts';
import type { FoundPlugin } from './plugins/find.ts';
import { isFixed, type SettingsFile } from './settings.ts';

/** A plugin that runs or could run. */
export interface PluginRow {
  readonly name: string;
  /** waits for consent: it asks for what nobody consented to, and none of its code runs. */
  readonly state: PluginStatus['state'] | 'off' | 'waits for consent';
  /**
   * `product`: one of those that run by themselves. `shipped`: comes with the product and is off. `home`: in the home's plugins/.
   * `package`: installed with npm.
   */
  readonly origin: 'product' | 'shipped' | 'home' | 'package' | 'boternity.config.ts';
  /** Whether boternity.config.ts says that it runs, or not. */
  readonly isLocked: boolean;
  /** Whether nobody could reach the server without it. */
  readonly isNeeded: boolean;
  readonly needs: readonly string[];
  readonly provides: readonly string[];
  /** Services it waits for. */
  readonly missing: readonly string[];
  /** How many effects it holds. */
  readonly effects: number;
  /** Duration of its last setup, and of its import where it does not come with the product, in milliseconds. */
  readonly startedInMs: number | undefined;
  /** What it cost others since it started. */
  readonly meter: Meter | undefined;
  /** Why it does not run, or not in its newest form. */
  readonly error: string | undefined;
  /** Where it lies and what it asks for; undefined where it comes with the product or by the config. */
  readonly found: FoundPlugin | undefined;
  /** What was consented to. */
  readonly consent: Consent | undefined;
  /** Whether it asks for something else than what was consented to. */
  readonly asks: boolean;
  /** What is written for it; undefined where nothing is. */
  readonly config: unknown;
  /** Whether settings.yaml names it. */
  readonly isWritten: boolean;
  /** JSON Schema of its settings; undefined where it has none, or is not loaded. */
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  /** What its own schema says against settings, with their paths. */
  check(config: unknown): Promise<{ path: string; message: string }[]>;
}

export interface PluginSources {
  readonly standard: readonly PluginEntry[];
  /** Those that shall run. */
  readonly list: PluginList | undefined;
  readonly running: readonly PluginStatus[];
  readonly file: SettingsFile;
  readonly config: Config;
  /** What others wrote, in the home and in packages. */
  readonly found: readonly FoundPlugin[];
  readonly consents: ReadonlyMap<string, Consent>;
  /** Plugins of the product alone. */
  readonly isSafe: boolean;
}

/** Every plugin that settings may turn on or off, in order of their names. Code of what is off and not known yet is not run. */
export function pluginTable(given: PluginSources): PluginRow[] {
  const sources = { ...given, shipped: shipped() };
  const { standard, list, file, config, found } = sources;
  const known = new Map([...standard, ...(list?.entries ?? [])].map((entry) => [entry.plugin.name, entry]));
  const names = new Set([
    ...known.keys(),
    ...Object.keys(file.plugins ?? {}),
    ...(config.disabled ?? []),
    ...found.map(({ name }) => name),
    ...sources.shipped,
  ]);
  return [...names].toSorted().map((name) => rowOf(name, known.get(name), sources));
}

type Sources = PluginSources & { readonly shipped: readonly string[] };

function rowOf(name: string, entry: PluginEntry | undefined, sources: Sources): PluginRow {
  const { list, running, file, config, consents } = sources;
  const status = running.find((one) => one.name === name);
  const plugin = entry?.plugin;
  const written = file.plugins?.[name];
  const origin = originOf(name, sources);
  const found = sources.found.find((one) => one.name === name && one.origin === origin);
  const imported = list?.importedInMs.get(name);
  const consent = consents.get(name);
  const spent = status?.startedInMs === undefined ? undefined : status.startedInMs + (imported ?? 0);
  return {
    name,
    state: stateOf(name, status, sources),
    origin,
    isLocked: isFixed(config, `plugins.${name}`),
    isNeeded: plugin?.provides.includes('callers') ?? false,
    needs: plugin?.needs ?? [],
    provides: plugin?.provides ?? [],
    missing: status?.missing ?? [],
    effects: status?.effects ?? 0,
    startedInMs: spent,
    meter: status?.scope && meterOf(status.scope),
    error: list?.failures.get(name)?.message ?? status?.error?.message,
    found,
    consent,
    asks: found !== undefined && !isConsented(found, consent),
    config: typeof written === 'object' ? written : undefined,
    isWritten: written !== undefined,
    schema: schemaOf(plugin),
    check: (given) => issuesOf(plugin, given),
  };
}

function stateOf(name: string, status: PluginStatus | undefined, sources: PluginSources): PluginRow['state'] {
  const { list, file, isSafe } = sources;
  if (status) return status.state;
  if (list?.waiting.has(name)) return 'waits for consent';
  if (list?.failures.has(name)) return 'failed';
  const isWanted = list?.entries.some(({ plugin }) => plugin.name === name) ?? false;
  const written = file.plugins?.[name];
  // One that shall run and that the kernel does not have could not be loaded.
  return isWanted || (!isSafe && written !== undefined && written !== false) ? 'failed' : 'off';
}

function originOf(name: string, { standard, config, found, shipped }: Sources): PluginRow['origin'] {
  if ((config.plugins ?? []).some(({ plugin }) => plugin.name === name)) return 'boternity.config.ts';
  if (standard.some(({ plugin }) => plugin.name === name)) return 'product';
  const other = found.find((one) => one.name === name);
  return other?.origin !== 'home' && shipped.includes(name) ? 'shipped' : (other?.origin ?? 'home');
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

/** Folders of plugins that come with the product; those of a clone do not change while it runs. */
function shipped(): string[] {
  try {
    return readdirSync(fileURLToPath(new URL('plugins/', packageRoot)), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^[\w-]+$/.test(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
