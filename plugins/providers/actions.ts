import { defineAction, Fault, z, type Problem } from 'boternity';
import { providerSettings, type Provider, type ProviderFile, type Providers } from './provider-file.ts';

declare module 'boternity' {
  interface ActionTypes {
    'providers.list': ReturnType<typeof listProviders>;
    'providers.add': ReturnType<typeof addProvider>;
    'providers.remove': ReturnType<typeof removeProvider>;
  }
}

const providerView = z.object({
  name: z.string(),
  type: z.string(),
  address: z.string(),
  models: z.array(z.string()),
  headers: z.record(z.string(), z.string()).describe('Sent with every request'),
  key: z.string().describe('Where the key comes from, and whether it is there'),
  source: z.string().describe('The file that set it'),
});
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'use a to z, digits and dashes')
  .describe('Name of the provider');

type KeyOf = Providers['keyOf'];

export function listProviders(file: ProviderFile, keyOf: KeyOf) {
  return defineAction({
    name: 'providers.list',
    summary: 'Lists the providers of models, and the file that set each.',
    permission: 'providers:read',
    http: 'GET /providers',
    cli: 'provider list',
    examples: ['bnity provider list'],
    input: z.strictObject({}),
    output: z.object({
      providers: z.array(providerView),
      problems: z.array(z.string()).describe('file:line: what is wrong'),
    }),
    run: async () => ({
      providers: await Promise.all(file.all.map((provider) => viewOf(provider, keyOf))),
      problems: file.problems.map(describe),
    }),
  });
}

export function addProvider(file: ProviderFile, keyOf: KeyOf) {
  return defineAction({
    name: 'providers.add',
    summary: 'Adds a provider to providers.yaml, or replaces one.',
    permission: 'providers:admin',
    http: 'PUT /providers/{name}',
    cli: 'provider add <name>',
    examples: [
      'bnity provider add local --address http://127.0.0.1:11434/v1 --models llama3.2',
      'bnity provider add openai --address https://api.openai.com/v1 --key OPENAI_API_KEY --models gpt-5-mini',
    ],
    input: providerSettings.extend({ name }),
    output: providerView,
    async run({ name: given, ...settings }) {
      await file.write(given, settings);
      const added = file.all.find((provider) => provider.name === given);
      if (!added)
        throw new Fault(
          'FILE_INVALID',
          `providers.yaml does not hold ${given} after it was written. ${file.problems.map(describe).join('; ')}`,
        );
      return viewOf(added, keyOf);
    },
  });
}

export function removeProvider(file: ProviderFile) {
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
      if (!file.all.some((provider) => provider.name === given))
        throw new Fault('PROVIDER_MISSING', `There is no provider "${given}".`);
      await file.write(given, undefined);
      return { name: given, removed: true as const };
    },
  });
}

async function viewOf(provider: Provider, keyOf: KeyOf): Promise<z.infer<typeof providerView>> {
  const { name: given, type, address, models, headers = {}, source } = provider;
  return { name: given, type, address, models, headers, key: await describeKey(provider, keyOf), source };
}

async function describeKey(provider: Provider, keyOf: KeyOf): Promise<string> {
  const { key, key_env: variable } = provider;
  const names = [key === undefined ? '' : `secret ${key}`, variable === undefined ? '' : `$${variable}`].filter(
    Boolean,
  );
  if (names.length === 0) return 'none';
  try {
    return `${names.join(' or ')} (${(await keyOf(provider)) === undefined ? 'not set' : 'set'})`;
  } catch (error) {
    return `${names.join(' or ')} (${Fault.from(error).message})`;
  }
}

function describe({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`;
}
