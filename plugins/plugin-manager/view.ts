import { Fault, maskSecrets, z, type House, type PluginRow } from 'boternity';

export const pluginName = z
  .string()
  .regex(/^[\w-]+$/, 'write the name of a plugin')
  .describe('Name of the plugin');

/** A plugin as it is told: what it is, what it asks for, how it does. */
export const pluginView = z.object({
  name: z.string(),
  state: z
    .enum(['waiting', 'running', 'failed', 'off', 'waits for consent'])
    .describe('waits for consent: it asks for what nobody consented to, and none of its code runs'),
  origin: z
    .enum(['product', 'shipped', 'home', 'package', 'boternity.config.ts'])
    .describe(
      'product: runs unless it is turned off. shipped: comes with the product, off by itself. home: in plugins/. package: installed with npm',
    ),
  locked: z.boolean().describe('boternity.config.ts says whether it runs'),
  needed: z.boolean().describe('Nobody could reach the server without it'),
  needs: z.array(z.string()).describe('Services it uses'),
  provides: z.array(z.string()).describe('Services it offers'),
  missing: z.array(z.string()).describe('Services it waits for'),
  startedInMs: z.number().nullable(),
  effects: z.number().describe('Routes, actions, timers and the like that it holds'),
  error: z.string().nullable(),
  description: z.string().nullable(),
  version: z.string().nullable().describe('Of its package'),
  place: z.string().nullable().describe('Where it lies; null where it comes with the product or by the config'),
  capabilities: z
    .array(z.string())
    .describe('What it asks for; "everything" without a manifest, nothing where it comes with the product'),
  consent: z
    .object({ capabilities: z.array(z.string()), at: z.string(), by: z.string() })
    .nullable()
    .describe('What was consented to, when and by whom'),
  asks: z.boolean().describe('It asks for something else than what was consented to'),
  config: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('What settings.yaml says, secrets masked; null without'),
  schema: z.record(z.string(), z.unknown()).nullable().describe('JSON Schema of its settings; null without any'),
});

export function viewOf(row: PluginRow): z.infer<typeof pluginView> {
  const { found, consent } = row;
  return {
    name: row.name,
    state: row.state,
    origin: row.origin,
    locked: row.isLocked,
    needed: row.isNeeded,
    needs: [...row.needs],
    provides: [...row.provides],
    missing: [...row.missing],
    startedInMs: row.startedInMs === undefined ? null : Math.round(row.startedInMs * 10) / 10,
    effects: row.effects,
    error: row.error ?? null,
    description: found?.manifest?.description ?? null,
    version: found?.package?.version ?? null,
    place: found?.place ?? null,
    capabilities: [...(found?.capabilities ?? [])],
    consent: consent ? { capabilities: consent.capabilities, at: consent.at, by: consent.by } : null,
    asks: row.asks,
    config: (maskSecrets(row.config, row.schema) as Record<string, unknown> | undefined) ?? null,
    schema: row.schema ?? null,
  };
}

/** Throws PLUGIN_MISSING. */
export async function pluginRow(house: House, name: string): Promise<PluginRow> {
  const found = (await house.pluginTable()).find((each) => each.name === name);
  if (!found) throw new Fault('PLUGIN_MISSING', `There is no plugin "${name}".`);
  return found;
}

/** The same for what is about to be turned on, off or away. Throws SETTING_LOCKED where boternity.config.ts says what it is. */
export async function ownRow(house: House, name: string): Promise<PluginRow> {
  const found = await pluginRow(house, name);
  if (found.isLocked) throw new Fault('SETTING_LOCKED', `plugins.${name} is fixed by boternity.config.ts.`);
  return found;
}
