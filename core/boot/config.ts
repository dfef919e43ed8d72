import { lstatSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { reachShape } from '../server/reach-settings.ts';
import { Fault } from '../base/fault.ts';
import { EMPTIED_MS } from '../files/edit-file.ts';
import { describeImportError } from './import-error.ts';
import type { ModuleLoader } from '../kernel/modules.ts';
import type { PluginEntry } from '../kernel/plugin.ts';

/** What a person may fix in boternity.config.ts. What is fixed there cannot be changed by page or command line. */
export interface Config {
  /** Where the home folder is, from the config's own folder. Default: that folder. */
  readonly home?: string;
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** Address by which people reach the server, with its base path: `https://example.com/bots`. */
  readonly publicUrl?: string;
  /** Addresses and ranges of proxies whose word on who asks counts; nobody is believed without. */
  readonly trustedProxies?: readonly string[];
  /** Further origins: other names of this server, and pages of others that may call its API. */
  readonly allowedOrigins?: readonly string[];
  /** Certificate and key (PEM files, from the home) by which the server speaks TLS itself. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Off: edits on disk are seen after a restart only. */
  readonly watch?: boolean;
  /** Model for bots that name none: `id` or `provider/id`. */
  readonly model?: string;
  /** Models that stand in when one fails, in this order, for bots that name none of their own. */
  readonly fallback?: readonly string[];
  /** Embedder that memory and files use beside words: `id` or `provider/id`. */
  readonly embedder?: string;
  /** Template for new bots where none is named. */
  readonly template?: string;
  /** What all bots together may use in a day. */
  readonly limit?: { readonly dollars?: number; readonly tokens?: number };
  /** approve: edits on disk of who a bot is wait for the owner, for all bots. */
  readonly seal?: 'live' | 'approve';
  /** Off: the npm registry is never asked for a newer version. */
  readonly updates?: boolean;
  /** Plugins beside the standard ones; one of the same name replaces it. */
  readonly plugins?: readonly PluginEntry[];
  /** Names of standard plugins that shall not run. */
  readonly disabled?: readonly string[];
}

const configSchema = z.strictObject({
  home: z.string().optional(),
  host: z.string().optional(),
  port: z.number().int().min(0).max(65_535).optional(),
  ...reachShape,
  watch: z.boolean().optional(),
  model: z.string().optional(),
  fallback: z.array(z.string()).optional(),
  embedder: z.string().optional(),
  template: z.string().optional(),
  limit: z
    .strictObject({
      dollars: z.number().positive().exactOptional(),
      tokens: z.number().int().positive().exactOptional(),
    })
    .optional(),
  seal: z.enum(['live', 'approve']).optional(),
  updates: z.boolean().optional(),
  plugins: z
    .array(
      z.custom<PluginEntry>(
        (entry) => typeof entry === 'object' && entry !== null && 'plugin' in entry,
        'call the plugin: myPlugin({ … })',
      ),
    )
    .optional(),
  disabled: z.array(z.string()).optional(),
});

/** Types a config; changes nothing. */
export function defineConfig(config: Config): Config {
  return config;
}

/** Imports and checks a config file. Throws CONFIG_INVALID that names the file and the key. */
export async function loadConfig(
  file: string,
  loader: Pick<ModuleLoader, 'import'>,
  { wasEmpty = true }: { readonly wasEmpty?: boolean } = {},
): Promise<Config> {
  // Some editors empty or remove a file before they write it: where something was, nothing is looked at twice.
  if (!wasEmpty && isBlank(file)) await sleep(EMPTIED_MS);
  if (isBlank(file)) return {};
  let loaded: Record<string, unknown>;
  try {
    // Importing a pipe would wait for ever.
    if (!statSync(file).isFile()) throw new Error('it is no plain file');
    loaded = await loader.import(file);
  } catch (error) {
    throw new Fault('CONFIG_INVALID', `${file} cannot be loaded: ${describeImportError(error)}`, { cause: error });
  }
  const checked = configSchema.safeParse(loaded.default);
  if (checked.success) return checked.data as Config;
  const details = checked.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: describe(issue),
  }));
  throw new Fault(
    'CONFIG_INVALID',
    `${file} is not a valid config. ${details.map((detail) => detail.message).join('; ')}.`,
    { details },
  );
}

function isBlank(file: string): boolean {
  if (!lstatSync(file, { throwIfNoEntry: false })) return true;
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === 0;
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(configSchema.shape).join(', ');
    return `${issue.keys.map((key) => `"${key}"`).join(', ')} is no setting; there are: ${known}`;
  }
  return `${issue.path.map(String).join('.') || 'the default export'}: ${issue.message}`;
}
