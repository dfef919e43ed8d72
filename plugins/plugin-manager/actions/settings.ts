import { defineAction, Fault, maskSecrets, unmaskSecrets, z, type House, type PluginRow } from 'boternity';
import { ownRow, pluginName, pluginView, viewOf } from '../view.ts';

declare module 'boternity' {
  interface ActionTypes {
    'plugins.settings': ReturnType<typeof showPluginSettings>;
    'plugins.configure': ReturnType<typeof configurePlugin>;
  }
}

export function showPluginSettings(house: House) {
  return defineAction({
    name: 'plugins.settings',
    summary:
      'Shows every plugin there is, those that are off too: what it asks for, its settings and what they may be.',
    permission: 'settings:read',
    http: 'GET /plugins/settings',
    cli: 'plugin settings',
    columns: ['name', 'state', 'origin', 'capabilities', 'config'],
    examples: ['bnity plugin settings', 'bnity plugin settings --json'],
    input: z.strictObject({}),
    output: z.object({
      safe: z.boolean().describe('Started with the plugins of the product alone'),
      plugins: z.array(pluginView),
    }),
    run: async () => ({ safe: house.isSafe, plugins: (await house.pluginTable()).map(viewOf) }),
  });
}

export function configurePlugin(house: House) {
  return defineAction({
    name: 'plugins.configure',
    summary: 'Changes the settings of a plugin that is on, in settings.yaml; its own schema is asked first.',
    permission: 'settings:admin',
    http: 'PUT /plugins/{plugin}',
    cli: 'plugin configure <plugin>',
    examples: [`bnity plugin configure demo --config '{"delayMs": 20}'`],
    input: z.strictObject({
      plugin: pluginName,
      config: z
        .record(z.string(), z.unknown())
        .describe('All of its settings, as JSON. A secret that was told masked stays as it is'),
    }),
    output: z.object({ plugin: z.string(), value: z.unknown().describe('What now stands in settings.yaml') }),
    async run({ plugin, config }) {
      const found = await ownRow(house, plugin);
      if (found.state === 'off')
        throw new Fault('INPUT_INVALID', `${plugin} is off.`, {
          hint: `Turn it on first: bnity plugin enable ${plugin}`,
        });
      const value = await settingsFor(found, config);
      const written = await writeSettings(house, found, value);
      return { plugin, value: maskSecrets(written, found.schema) ?? null };
    },
  });
}

/** What stands in settings.yaml for a plugin that is on. Throws INPUT_INVALID with the paths that its schema refuses. */
export async function settingsFor(found: PluginRow, given: Record<string, unknown> | undefined): Promise<unknown> {
  const config = (given && unmaskSecrets(given, found.config, found.schema)) ?? found.config ?? {};
  const details = (await found.check(config)).map(({ path, message }) => ({
    path: path === '' ? 'config' : `config.${path}`,
    message,
  }));
  if (details.length > 0) {
    const [first] = details;
    throw new Fault('INPUT_INVALID', `${found.name} refuses these settings. ${first?.path}: ${first?.message}`, {
      details,
    });
  }
  return typeof config === 'object' && Object.keys(config).length > 0 ? config : true;
}

/** Writes the line of a plugin in settings.yaml and gives what it then says: what runs by itself needs no line. */
export async function writeSettings(house: House, found: PluginRow, value: unknown): Promise<unknown> {
  const written = value === true && found.origin === 'product' ? undefined : value;
  await house.setSetting(`plugins.${found.name}`, written);
  return written;
}
