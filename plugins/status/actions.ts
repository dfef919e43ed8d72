import { defineAction, z, type Home, type House, type Web } from 'boternity';
import type { Models } from '../models/index.ts';
import type { Updates } from './updates.ts';

declare module 'boternity' {
  interface ActionTypes {
    'server.status': ReturnType<typeof showStatus>;
    'plugins.list': ReturnType<typeof listPlugins>;
  }
}

const pluginView = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'failed', 'waits for consent']),
  missing: z.array(z.string()).describe('Services it waits for'),
  startedInMs: z.number().nullable(),
  effects: z.number(),
  error: z.string().nullable().describe('Why it does not run, or not in its newest form'),
  lastError: z.string().nullable().describe('The last error that nobody expected, of one of its calls'),
});

const NOT_RUNNING = 'does not run; start it with: bnity serve';

export interface StatusParts {
  readonly house: House;
  readonly home: Home;
  readonly models: Models;
  readonly web: Web;
  readonly updates: Updates;
}

export function showStatus({ house, home, models, web, updates }: StatusParts) {
  return defineAction({
    name: 'server.status',
    summary: 'Shows version, home, address, default model and plugins.',
    permission: 'server:read',
    http: 'GET /server',
    cli: 'status',
    examples: ['bnity status', 'bnity status --json'],
    input: z.strictObject({}),
    output: z.object({
      version: z.string(),
      home: z.string(),
      server: z.string().describe('Whether a server runs, and how to start one'),
      url: z.string().nullable().describe('Where it listens; null when none runs'),
      pid: z.number().nullable().describe('Its process; null when none runs'),
      startedAt: z.string(),
      update: z.string().nullable().describe('One sentence when a newer version is out'),
      safe: z
        .boolean()
        .describe(
          'Started with the plugins of the product alone: those of the home, of packages and of the config do not run',
        ),
      model: z.object({
        id: z.string().nullable(),
        provider: z.string().nullable(),
        why: z.string().describe('Why this model answers by default, and how to change it'),
      }),
      plugins: z.array(pluginView),
    }),
    run: async () => ({
      version: house.version,
      home: home.path,
      // A command that found no server answers by itself: what it listens on for that moment is nobody's address.
      server: house.isServer ? `runs for ${spanOf(Date.now() - house.startedAt.getTime())}` : NOT_RUNNING,
      url: house.isServer ? (web.url ?? null) : null,
      pid: house.isServer ? process.pid : null,
      startedAt: house.startedAt.toISOString(),
      update: await updates.notice(),
      safe: house.isSafe,
      model: models.standard(),
      plugins: await pluginViews(house),
    }),
  });
}

/** `3 days 4 hours`, `5 minutes`: the two largest units that count. */
function spanOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  const parts = [
    [Math.floor(minutes / 1_440), 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'minute'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`)
    .join(' ');
}

export function listPlugins(house: House) {
  return defineAction({
    name: 'plugins.list',
    summary: 'Lists the plugins with state, boot time and what they wait for.',
    permission: 'server:read',
    http: 'GET /plugins',
    cli: 'plugin list',
    examples: ['bnity plugin list'],
    input: z.strictObject({}),
    output: z.object({ plugins: z.array(pluginView) }),
    columns: ['name', 'state', 'missing', 'startedInMs', 'effects', 'error', 'lastError'],
    run: async () => ({ plugins: await pluginViews(house) }),
  });
}

/** Those that run, and those that should: also of what could not be loaded it is said why. */
async function pluginViews(house: House): Promise<z.infer<typeof pluginView>[]> {
  const table = await house.pluginTable();
  const errors = new Map(table.map(({ name, error }) => [name, error]));
  const running = house.plugins().map(({ name, state, missing, startedInMs, effects, error, meter }) => ({
    name,
    state,
    missing,
    startedInMs: startedInMs === undefined ? null : Math.round(startedInMs * 10) / 10,
    effects,
    error: errors.get(name) ?? error?.message ?? null,
    lastError: meter?.failure ? `${meter.failure.what}: ${meter.failure.error.message}` : null,
  }));
  const names = new Set(running.map(({ name }) => name));
  const others = table.flatMap(({ name, state, error = null, found }) => {
    if (names.has(name) || (state !== 'failed' && state !== 'waits for consent')) return [];
    const asked = found?.capabilities.join(', ') ?? '';
    const why = state === 'failed' ? error : `asks for ${asked || 'nothing'}: bnity plugin enable ${name}`;
    return [{ name, state, missing: [], startedInMs: null, effects: 0, error: why, lastError: null }];
  });
  return [...running, ...others];
}
