import { z } from 'zod';
import { Fault } from '../base/fault.ts';
import type { Problem } from '../bots/file-kind.ts';
import { editFile, readEdited } from '../files/edit-file.ts';
import type { Files } from '../files/files.ts';
import { changesBetween, editYaml, locateInYaml, parseYaml, YamlError } from '../files/yaml.ts';
import { reachShape } from '../server/reach-settings.ts';
import type { Config } from './config.ts';

export const SETTINGS_FILE = 'settings.yaml';

const schema = z.strictObject({
  version: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Version of the layout of this home; bnity migrate raises it'),
  host: z.string().optional().describe('Address to listen on'),
  port: z.number().int().min(0).max(65_535).optional().describe('Port to listen on; 0 takes any'),
  ...reachShape,
  watch: z.boolean().optional().describe('Off: edits on disk are seen after a restart only'),
  model: z.string().optional().describe('Model for bots that name none: id or provider/id'),
  fallback: z
    .array(z.string())
    .optional()
    .describe('Models that stand in when one fails, in this order, for bots that name none of their own'),
  embedder: z
    .string()
    .optional()
    .describe('Embedder that memory and files use beside words: id or provider/id; words alone when absent'),
  template: z.string().optional().describe('Template for new bots where none is named; assistant when absent'),
  limit: z
    .strictObject({
      dollars: z.number().positive().optional().describe('US dollars'),
      tokens: z.number().int().positive().optional().describe('Tokens of input and output'),
    })
    .optional()
    .describe('What all bots together may use in a day; none without'),
  seal: z
    .enum(['live', 'approve'])
    .optional()
    .describe(
      'approve: edits on disk of who a bot is wait for you, for all bots. live: only where a bot could make them',
    ),
  updates: z.boolean().optional().describe('Off: the npm registry is never asked for a newer version'),
  plugins: z
    .record(z.string(), z.union([z.boolean(), z.record(z.string(), z.unknown())]))
    .optional()
    .describe('By name: false turns a plugin off; true or its settings turn it on'),
});

/** The schema of settings.yaml. */
export const settingsSchema = schema;

/** What people change by page or command line. Hand-editable; boternity.config.ts wins over it. */
export type SettingsFile = z.output<typeof schema>;

export type SettingSource = 'command line' | 'boternity.config.ts' | 'settings.yaml' | 'default';

export interface Setting {
  readonly key: string;
  readonly value: unknown;
  /** Which file set it. */
  readonly source: SettingSource;
}

export interface ReadSettings {
  readonly values: SettingsFile;
  readonly problems: readonly Problem[];
}

/** Reads settings.yaml. A broken one is a problem and counts as empty, or as `last` when given; it never stops the start. */
export async function readSettings(files: Files, last: SettingsFile = {}): Promise<ReadSettings> {
  let text: string;
  let value: unknown;
  try {
    text = await readEdited(files, SETTINGS_FILE, { wasEmpty: Object.keys(last).length === 0 });
    value = parseYaml(text) ?? {};
  } catch (error) {
    if (Fault.is(error)) return { values: last, problems: [problem(1, 1, error.message)] };
    if (!(error instanceof YamlError)) throw error;
    return { values: last, problems: [problem(error.line, error.column, error.message)] };
  }
  const checked = schema.safeParse(value);
  if (checked.success) return { values: checked.data, problems: [] };
  const problems = await Promise.all(
    checked.error.issues.map(async (issue) => {
      const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
      const { line, column } = await locateInYaml(text, path);
      const known = issue.code === 'unrecognized_keys' ? `; there are: ${Object.keys(schema.shape).join(', ')}` : '';
      return problem(line, column, `${path.map(String).join('.')}: ${issue.message}${known}`);
    }),
  );
  return { values: last, problems };
}

/** Sets one value, comments kept. `key` is dotted; `undefined` removes it. SETTING_LOCKED when the config fixes it. */
export async function writeSetting(files: Files, config: Config, key: string, value: unknown): Promise<void> {
  const path = key.split('.');
  const [top = ''] = path;
  if (!Object.hasOwn(schema.shape, top)) {
    throw new Fault('INPUT_INVALID', `"${key}" is no setting; there are: ${Object.keys(schema.shape).join(', ')}.`, {
      details: [{ path: 'key', message: 'unknown' }],
    });
  }
  if (top === 'version')
    throw new Fault('SETTING_LOCKED', 'The version of a home changes with its files: bnity migrate');
  if (isFixed(config, key)) throw new Fault('SETTING_LOCKED', `${key} is fixed by boternity.config.ts.`);
  await editFile(files, SETTINGS_FILE, async (before) => {
    const after = await withChange(before, path, value).catch((error: unknown) => {
      throw error instanceof YamlError ? brokenFile(error) : error;
    });
    const checked = schema.safeParse(parseYaml(after) ?? {});
    if (checked.success) return after;
    const details = checked.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.'),
      message: issue.message,
    }));
    throw new Fault('INPUT_INVALID', `${key} cannot be set to this. ${details[0]?.message ?? ''}`, { details });
  });
}

async function withChange(text: string, path: readonly string[], value: unknown): Promise<string> {
  const now = path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined),
    parseYaml(text),
  );
  const changes = changesBetween(path, now, value);
  return changes.length === 0 && value !== undefined ? text : editYaml(text, changes);
}

function brokenFile({ line, message }: YamlError): Fault {
  return new Fault('FILE_INVALID', `${SETTINGS_FILE} is broken in line ${line} and cannot be changed: ${message}.`);
}

/** Whether boternity.config.ts says what a setting is. Dotted key. */
export function isFixed(config: Config, key: string): boolean {
  const [top = '', name = ''] = key.split('.');
  if (top !== 'plugins') return config[top as keyof Config] !== undefined;
  const isListed = (config.plugins ?? []).some((entry) => entry.plugin.name === name);
  return isListed || (config.disabled ?? []).includes(name);
}

/** The values in force, each with the file that set it. `given` are those of the command line and environment. */
export function effective(given: SettingsFile, config: Config, file: SettingsFile): Setting[] {
  const defaults = {
    host: '127.0.0.1',
    port: 4242,
    publicUrl: null,
    trustedProxies: [],
    allowedOrigins: [],
    tls: null,
    watch: true,
    model: null,
    fallback: [],
    embedder: null,
    template: 'assistant',
    limit: null,
    seal: 'live',
    updates: true,
  };
  const single = (Object.keys(defaults) as (keyof typeof defaults)[]).map((key): Setting => {
    if (given[key] !== undefined) return { key, value: given[key], source: 'command line' };
    if (config[key] !== undefined) return { key, value: config[key], source: 'boternity.config.ts' };
    if (file[key] !== undefined) return { key, value: file[key], source: 'settings.yaml' };
    return { key, value: defaults[key], source: 'default' };
  });
  const plugins = Object.entries(file.plugins ?? {}).map(([name, value]): Setting => {
    const key = `plugins.${name}`;
    return isFixed(config, key)
      ? { key, value: !config.disabled?.includes(name), source: 'boternity.config.ts' }
      : { key, value, source: 'settings.yaml' };
  });
  const fixed = (config.disabled ?? [])
    .filter((name) => file.plugins?.[name] === undefined)
    .map((name): Setting => ({ key: `plugins.${name}`, value: false, source: 'boternity.config.ts' }));
  return [...single, ...plugins, ...fixed];
}

function problem(line: number, column: number, message: string): Problem {
  return { file: SETTINGS_FILE, line, column, level: 'error', message };
}
