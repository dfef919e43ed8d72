import { defineAction, Fault, maskSecrets, unmaskSecrets, z, type House, type PluginRow } from 'boternity';

declare module 'boternity' {
  interface ActionTypes {
    'plugins.settings': ReturnType<typeof showPluginSettings>;
    'plugins.configure': ReturnType<typeof configurePlugin>;
  }
}

const plugin = z
  .string()
  .regex(/^[\w-]+$/, 'write the name of a plugin')
  .describe('Name of the plugin');

const row = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'failed', 'off']),
  origin: z
    .enum(['product', 'shipped', 'home', 'boternity.config.ts'])
    .describe(
      'product: runs unless it is turned off. shipped: comes with the product, off by itself. home: in plugins/',
    ),
  locked: z.boolean().describe('boternity.config.ts says whether it runs'),
  needed: z.boolean().describe('Nobody could reach the server without it'),
  needs: z.array(z.string()).describe('Services it uses'),
  provides: z.array(z.string()).describe('Services it offers'),
  missing: z.array(z.string()).describe('Services it waits for'),
  startedInMs: z.number().nullable(),
  effects: z.number().describe('Routes, actions, timers and the like that it holds'),
  error: z.string().nullable(),
  config: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('What settings.yaml says, secrets masked; null without'),
  schema: z.record(z.string(), z.unknown()).nullable().describe('JSON Schema of its settings; null without any'),
});

export function showPluginSettings(house: House) {
  return defineAction({
    name: 'plugins.settings',
    summary: 'Shows every plugin there is, those that are off too, with its settings and what they may be.',
    permission: 'settings:read',
    http: 'GET /plugins/settings',
    cli: 'plugin settings',
    columns: ['name', 'state', 'origin', 'config'],
    examples: ['bnity plugin settings', 'bnity plugin settings --json'],
    input: z.strictObject({}),
    output: z.object({ plugins: z.array(row) }),
    run: async () => {
      const table = await house.pluginTable();
      return { plugins: table.map((each) => viewOf(each, house)) };
    },
  });
}

export function configurePlugin(house: House) {
  return defineAction({
    name: 'plugins.configure',
    summary: 'Turns a plugin on or off, or changes its settings, in settings.yaml; its own schema is asked first.',
    permission: 'settings:admin',
    http: 'PUT /plugins/{plugin}',
    cli: 'plugin configure <plugin>',
    examples: [
      'bnity plugin configure mock --state on',
      'bnity plugin configure tapes --state off',
      `bnity plugin configure demo --config '{"delayMs": 20}'`,
    ],
    input: z.strictObject({
      plugin,
      state: z.enum(['on', 'off']).default('on').describe('off forgets its settings'),
      config: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('All of its settings, as JSON; as they are without. A secret that was told masked stays as it is'),
    }),
    output: z.object({ plugin: z.string(), value: z.unknown().describe('What now stands in settings.yaml') }),
    async run({ plugin: name, state, config }) {
      const found = (await house.pluginTable()).find((each) => each.name === name);
      if (!found) throw new Fault('PLUGIN_MISSING', `There is no plugin "${name}".`);
      if (found.isLocked) throw new Fault('SETTING_LOCKED', `plugins.${name} is fixed by boternity.config.ts.`);
      if (state === 'off' && found.isNeeded)
        throw new Fault('PLUGIN_NEEDED', `${name} says who may use the server; without it nobody could.`);
      const value = state === 'off' ? false : await settingsFor(found, config);
      // What runs by itself needs no line.
      const written = value === true && found.origin === 'product' ? undefined : value;
      await house.setSetting(`plugins.${name}`, written);
      return { plugin: name, value: maskSecrets(written, found.schema) ?? null };
    },
  });
}

/** What stands in settings.yaml for a plugin that is on. */
async function settingsFor(found: PluginRow, given: Record<string, unknown> | undefined): Promise<unknown> {
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

function viewOf(found: PluginRow, house: House): z.infer<typeof row> {
  const status = house.plugins().find(({ name }) => name === found.name);
  return {
    name: found.name,
    state: found.state,
    origin: found.origin,
    locked: found.isLocked,
    needed: found.isNeeded,
    needs: [...found.needs],
    provides: [...found.provides],
    missing: status?.missing ?? [],
    startedInMs: status?.startedInMs === undefined ? null : Math.round(status.startedInMs * 10) / 10,
    effects: status?.effects ?? 0,
    error: status?.error?.message ?? null,
    config: (maskSecrets(found.config, found.schema) as Record<string, unknown> | undefined) ?? null,
    schema: found.schema ?? null,
  };
}
