import { defineAction, Fault, z, type House } from 'boternity';

declare module 'boternity' {
  interface ActionTypes {
    'settings.list': ReturnType<typeof listSettings>;
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
    run: async () => ({ settings: [...house.settings()] }),
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
