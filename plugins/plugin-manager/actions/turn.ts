import { defineAction, Fault, z, type House } from 'boternity';
import { ownRow, pluginName } from '../view.ts';
import { settingsFor, writeSettings } from './settings.ts';

declare module 'boternity' {
  interface ActionTypes {
    'plugins.enable': ReturnType<typeof enablePlugin>;
    'plugins.disable': ReturnType<typeof disablePlugin>;
  }
}

export function enablePlugin(house: House) {
  return defineAction({
    name: 'plugins.enable',
    summary:
      'Turns a plugin on. One that does not come with the product is told in return what it may do: all it asks for.',
    permission: 'settings:admin',
    http: 'POST /plugins/{plugin}/enable',
    cli: 'plugin enable <plugin>',
    examples: [
      'bnity plugin enable mock',
      'bnity plugin enable weather --force',
      `bnity plugin enable weather --consent service:actions host:api.weather.example --config '{"days": 3}'`,
    ],
    input: z.strictObject({
      plugin: pluginName,
      consent: z
        .array(z.string())
        .default([])
        .describe('What it may do: everything that it asks for, word by word. Nothing for what comes with the product'),
      config: z.record(z.string(), z.unknown()).optional().describe('Its settings, as JSON; as they are without'),
    }),
    output: z.object({
      plugin: z.string(),
      capabilities: z.array(z.string()).describe('What was consented to'),
    }),
    async run({ plugin, consent, config }, { caller }) {
      const row = await ownRow(house, plugin);
      const { found } = row;
      const [first] = found?.problems ?? [];
      if (first) throw new Fault('PLUGIN_INVALID', `${first.file}:${first.line}: ${first.message}.`);
      const value = await settingsFor(row, config);
      if (found) assertConsent(plugin, found.capabilities, consent);
      if (found) await house.consentTo(found, caller.name);
      await writeSettings(house, row, value);
      return { plugin, capabilities: [...(found?.capabilities ?? [])] };
    },
  });
}

/** Consent is to what it asks for as it lies there: neither less nor something that it asked for before. */
function assertConsent(plugin: string, asked: readonly string[], given: readonly string[]): void {
  const isWhole = given.length === asked.length && asked.every((capability) => given.includes(capability));
  if (isWhole) return;
  throw new Fault('PLUGIN_CONSENT', `${plugin} asks for ${asked.join(', ') || 'nothing'}; consent to exactly that.`, {
    hint: `Look at it, then send it as consent, or use: bnity plugin enable ${plugin}`,
    details: asked.map((message) => ({ path: 'consent', message })),
  });
}

export function disablePlugin(house: House) {
  return defineAction({
    name: 'plugins.disable',
    summary: 'Turns a plugin off and forgets its settings. What it is and what was consented to stays.',
    permission: 'settings:admin',
    http: 'POST /plugins/{plugin}/disable',
    cli: 'plugin disable <plugin>',
    examples: ['bnity plugin disable weather'],
    input: z.strictObject({ plugin: pluginName }),
    output: z.object({ plugin: z.string() }),
    async run({ plugin }) {
      const row = await ownRow(house, plugin);
      if (row.isNeeded)
        throw new Fault('PLUGIN_NEEDED', `${plugin} says who may use the server; without it nobody could.`);
      // What is off by itself needs no line.
      await house.setSetting(`plugins.${plugin}`, row.origin === 'product' ? false : undefined);
      return { plugin };
    },
  });
}
