import { defineAction, Fault, z, type Action, type Problem } from 'boternity';
import type { Models } from '../models/index.ts';
import type { ProviderFile } from './provider-file.ts';
import type { FindSecret, Provider, Roster } from './roster.ts';
import { providerSettings, type ProviderSettings } from './settings.ts';

declare module 'boternity' {
  interface ActionTypes {
    'providers.list': ReturnType<typeof listProviders>;
    'providers.kinds': ReturnType<typeof listKinds>;
    'providers.add': ReturnType<typeof addProvider>;
    'providers.remove': ReturnType<typeof removeProvider>;
  }
}

/** What the actions work with. */
export interface ProviderParts {
  readonly roster: Roster;
  readonly file: ProviderFile;
  /** Looks at the file and the keys again, and offers the models anew. */
  readonly refresh: () => Promise<void>;
  readonly models: Models;
  readonly findSecret: FindSecret;
}

export const providerView = z.object({
  name: z.string(),
  type: z.string(),
  address: z.string(),
  models: z.array(z.string()),
  headers: z.record(z.string(), z.string()).describe('Sent with every request'),
  priority: z.number(),
  enabled: z.boolean(),
  key: z.string().describe('Where the key comes from, and whether it is there'),
  warning: z.string().nullable().describe('What its owner has to know'),
  problem: z.string().nullable().describe('Why none of its models is offered'),
  source: z.string().describe('What set it: a file, the environment, or a server that was found'),
  settings: z.record(z.string(), z.unknown()).describe('As they are written; what is absent is that of its kind'),
});
export const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'use a to z, digits and dashes')
  .describe('Name of the provider');

export function providerActions(parts: ProviderParts): Action[] {
  return [listProviders(parts), listKinds(parts), addProvider(parts), removeProvider(parts)];
}

function listProviders({ roster, findSecret }: ProviderParts) {
  return defineAction({
    name: 'providers.list',
    summary: 'Lists the providers of models, and what set each.',
    permission: 'providers:read',
    http: 'GET /providers',
    cli: 'provider list',
    columns: ['name', 'type', 'address', 'models', 'key', 'source'],
    examples: ['bnity provider list'],
    input: z.strictObject({}),
    output: z.object({
      providers: z.array(providerView),
      problems: z.array(z.string()).describe('file:line: what is wrong'),
    }),
    run: async () => ({
      providers: await Promise.all(roster.all.map((provider) => viewOf(provider, findSecret))),
      problems: roster.problems().map(describe),
    }),
  });
}

function listKinds({ roster }: ProviderParts) {
  return defineAction({
    name: 'providers.kinds',
    summary: 'Lists the kinds of providers that this server can speak with.',
    permission: 'providers:read',
    http: 'GET /providers/kinds',
    cli: 'provider kinds',
    examples: ['bnity provider kinds'],
    input: z.strictObject({}),
    output: z.object({
      kinds: z.array(
        z.object({
          type: z.string(),
          title: z.string(),
          address: z.string().nullable().describe('Where its service is when an entry names no address'),
          key: z.string().nullable().describe('The secret that holds its key when an entry names none'),
          models: z.array(z.string()).describe('Offered by an entry that names none'),
          options: z.unknown().describe('JSON Schema of the settings that only this kind knows; null without any'),
          warning: z.string().nullable(),
        }),
      ),
    }),
    run: async () => ({
      kinds: [...roster.kinds].map(([type, { title, address, key, models, options, warning }]) => ({
        type,
        title,
        address: address ?? null,
        key: key ?? null,
        models: [...(models ?? [])],
        options: options ? z.toJSONSchema(options, { io: 'input' }) : null,
        warning: warning ?? null,
      })),
    }),
  });
}

function addProvider(parts: ProviderParts) {
  const { roster, file, refresh, findSecret } = parts;
  return defineAction({
    name: 'providers.add',
    summary: 'Adds a provider to providers.yaml, or replaces one.',
    permission: 'providers:admin',
    http: 'PUT /providers/{name}',
    cli: 'provider add <name>',
    examples: [
      'bnity provider add anthropic',
      'bnity provider add local --address http://127.0.0.1:11434/v1 --models llama3.2',
      'bnity provider add work --type openai --key WORK_OPENAI_KEY --models gpt-5-mini',
    ],
    input: providerSettings.extend({ name }),
    output: providerView,
    async run({ name: given, ...settings }) {
      assertOurs(roster, given);
      assertOptions(roster, given, settings);
      await file.write(given, settings);
      await refresh();
      const added = roster.get(given);
      if (added.problem !== undefined && file.problems.length > 0)
        throw new Fault('FILE_INVALID', `providers.yaml: ${file.problems.map(describe).join('; ')}`);
      return viewOf(added, findSecret);
    },
  });
}

function removeProvider({ roster, file, refresh }: ProviderParts) {
  return defineAction({
    name: 'providers.remove',
    summary: 'Removes a provider from providers.yaml.',
    permission: 'providers:admin',
    http: 'DELETE /providers/{name}',
    cli: 'provider remove <name>',
    confirm: 'Bots that use its models cannot answer until they get another.',
    examples: ['bnity provider remove local --force'],
    input: z.strictObject({ name }),
    output: z.object({ name: z.string(), removed: z.literal(true) }),
    async run({ name: given }) {
      roster.get(given);
      assertOurs(roster, given);
      await file.write(given, undefined);
      await refresh();
      return { name: given, removed: true as const };
    },
  });
}

export function assertOurs(roster: Roster, name: string): void {
  if (roster.isFixed(name)) throw new Fault('SETTING_LOCKED', `The provider ${name} is fixed by boternity.config.ts.`);
}

/** Refuses options that the kind does not take, before anything is written. */
export function assertOptions(roster: Roster, name: string, { type, options }: ProviderSettings): void {
  const kind = roster.kinds.get(type ?? name);
  const checked = options === undefined ? undefined : kind?.options?.safeParse(options);
  if (!checked || checked.success) return;
  const details = checked.error.issues.map((issue) => ({
    path: ['options', ...issue.path].map(String).join('.'),
    message: issue.message,
  }));
  throw new Fault('INPUT_INVALID', `${name} does not take these options. ${details[0]?.message ?? ''}`, { details });
}

export async function viewOf(provider: Provider, findSecret: FindSecret): Promise<z.infer<typeof providerView>> {
  const { name: given, type, address, models, settings, isEnabled, problem, kind, source } = provider;
  return {
    name: given,
    type,
    address,
    models: [...models],
    headers: settings.headers ?? {},
    priority: settings.priority ?? 0,
    enabled: isEnabled,
    key: await describeKeys(provider, findSecret),
    warning: kind?.warning ?? null,
    problem: problem ?? null,
    source,
    settings,
  };
}

async function describeKeys({ keys, kind }: Provider, findSecret: FindSecret): Promise<string> {
  if (keys.length === 0) return 'none';
  const told = await Promise.all(
    [...keys, ...(kind?.keyInstead ? [kind.keyInstead] : [])].map(async (key) => {
      try {
        return `secret ${key} (${(await findSecret(key, undefined)) === undefined ? 'not set' : 'set'})`;
      } catch (error) {
        return `secret ${key} (${Fault.from(error).message})`;
      }
    }),
  );
  return told.join(', ');
}

function describe({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`;
}
