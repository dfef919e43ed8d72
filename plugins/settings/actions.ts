import { defineAction, Fault, maskSecrets, settingsSchema, z, type House, type Setting } from 'boternity';

declare module 'boternity' {
  interface ActionTypes {
    'settings.list': ReturnType<typeof listSettings>;
    'settings.schema': ReturnType<typeof showSchema>;
    'settings.set': ReturnType<typeof setSetting>;
    'settings.unset': ReturnType<typeof unsetSetting>;
  }
}

const setting = z.object({ key: z.string(), value: z.unknown(), source: z.string().describe('The file that set it') });
const settingsView = z.object({ settings: z.array(setting) });
const key = z.string().regex(/^[\w-]+(\.[\w-]+)*$/, 'write a dotted name: plugins.mock');

export function listSettings(house: House) {
  return defineAction({
    name: 'settings.list',
    summary: 'Lists the settings in force and the file that set each.',
    permission: 'settings:read',
    http: 'GET /settings',
    cli: 'settings list',
    examples: ['bnity settings list'],
    input: z.strictObject({}),
    output: settingsView,
    run: async () => ({ settings: await toldSettings(house) }),
  });
}

/** The settings, without what plugins call secret. */
async function toldSettings(house: House): Promise<Setting[]> {
  const schemas = new Map((await house.pluginTable()).map(({ name, schema }) => [`plugins.${name}`, schema]));
  return house.settings().map(({ key: named, value, source }) => ({
    key: named,
    value: named.startsWith('plugins.') ? maskSecrets(value, schemas.get(named)) : value,
    source,
  }));
}

export function showSchema(house: House) {
  return defineAction({
    name: 'settings.schema',
    summary: 'Shows what settings there are: a JSON Schema, what counts without any file, and what is fixed.',
    permission: 'settings:read',
    http: 'GET /settings/schema',
    cli: 'settings schema',
    examples: ['bnity settings schema --json'],
    input: z.strictObject({}),
    output: z.object({
      schema: z.record(z.string(), z.unknown()).describe('JSON Schema of settings.yaml'),
      locked: z.array(z.string()).describe('Keys that boternity.config.ts fixes'),
    }),
    run: async () => ({
      // The version of the home is nothing that people choose.
      schema: z.toJSONSchema(settingsSchema.omit({ version: true }), { io: 'input' }),
      locked: house
        .settings('command line')
        .filter(({ source }) => source === 'boternity.config.ts')
        .map(({ key: fixed }) => fixed),
    }),
  });
}

export function setSetting(house: House) {
  return defineAction({
    name: 'settings.set',
    summary: 'Changes a setting in settings.yaml and carries it out.',
    permission: 'settings:admin',
    http: 'PUT /settings/{key}',
    cli: 'settings set <key> <value>',
    examples: ['bnity settings set model gpt-5-mini', 'bnity settings set plugins.mock true'],
    input: z.strictObject({ key, value: z.unknown().describe('JSON, or text') }),
    output: setting.extend({ source: z.literal('settings.yaml') }),
    async run(input) {
      if (input.value === undefined)
        throw new Fault('INPUT_INVALID', 'A value is needed.', { details: [{ path: 'value', message: 'missing' }] });
      await house.setSetting(input.key, input.value);
      return { key: input.key, value: input.value, source: 'settings.yaml' as const };
    },
  });
}

export function unsetSetting(house: House) {
  return defineAction({
    name: 'settings.unset',
    summary: 'Removes a setting from settings.yaml; its default counts again.',
    permission: 'settings:admin',
    http: 'DELETE /settings/{key}',
    cli: 'settings unset <key>',
    examples: ['bnity settings unset model'],
    input: z.strictObject({ key }),
    output: z.object({ key: z.string(), removed: z.literal(true) }),
    async run(input) {
      await house.setSetting(input.key, undefined);
      return { key: input.key, removed: true as const };
    },
  });
}
