import { defineAction, z, type Count, type House, type Meter } from 'boternity';

declare module 'boternity' {
  interface ActionTypes {
    'plugins.costs': ReturnType<typeof showCosts>;
  }
}

const count = z.object({
  calls: z.number(),
  errors: z.number().describe('Errors that nobody expected; a refusal is none'),
  ms: z.number().describe('Total time until they had their answer, waiting included'),
});

const costs = z.object({
  name: z.string(),
  startedInMs: z.number().nullable().describe('Its setup, and its import where it does not come with the product'),
  effects: z.number().describe('Routes, actions, timers and the like that it holds'),
  calls: z.number(),
  errors: z.number(),
  ms: z.number(),
  actions: count,
  tools: count.describe('The same actions, called by bots'),
  routes: count,
  layers: count.describe('Its own time in layers around operations; what lies further in is not in it'),
  memory: z.literal('unknown').describe('All plugins share one heap, so nobody can tell'),
  lastError: z.object({ what: z.string(), message: z.string(), at: z.string() }).nullable(),
});

export function showCosts(house: House) {
  return defineAction({
    name: 'plugins.costs',
    summary: 'Shows what each plugin costs: time to start, calls and their time, errors, effects, since it started.',
    permission: 'server:read',
    http: 'GET /plugins/costs',
    cli: 'plugin costs',
    columns: ['name', 'startedInMs', 'effects', 'calls', 'ms', 'errors', 'memory'],
    examples: ['bnity plugin costs', 'bnity plugin costs --json'],
    input: z.strictObject({}),
    output: z.object({
      memory: z.object({
        server: z.number().describe('Bytes that the whole server holds'),
        heap: z.number().describe('Bytes of the heap that all plugins share'),
      }),
      plugins: z.array(costs),
    }),
    run: async () => {
      const table = new Map((await house.pluginTable()).map((row) => [row.name, row.startedInMs]));
      const { rss, heapUsed } = process.memoryUsage();
      const plugins = house.plugins().map(({ name, startedInMs, effects, meter }) => {
        const started = rounded(table.get(name) ?? startedInMs);
        return costsOf({ name, startedInMs: started, effects }, meter);
      });
      return { memory: { server: rss, heap: heapUsed }, plugins: plugins.toSorted((a, b) => b.ms - a.ms) };
    },
  });
}

function costsOf(
  about: Pick<z.infer<typeof costs>, 'name' | 'startedInMs' | 'effects'>,
  meter: Meter | undefined,
): z.infer<typeof costs> {
  const of = (kind: keyof Meter['counts']): Count => {
    const { calls, errors, ms } = meter?.counts[kind] ?? { calls: 0, errors: 0, ms: 0 };
    return { calls, errors, ms: rounded(ms) ?? 0 };
  };
  const counts = {
    actions: of('actions'),
    tools: of('tools'),
    routes: of('routes'),
    layers: of('layers'),
  };
  const all = Object.values(counts);
  return {
    ...about,
    calls: all.reduce((sum, { calls }) => sum + calls, 0),
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
    ms: rounded(all.reduce((sum, { ms }) => sum + ms, 0)) ?? 0,
    ...counts,
    memory: 'unknown',
    lastError: lastErrorOf(meter),
  };
}

function lastErrorOf(meter: Meter | undefined) {
  const { failure } = meter ?? {};
  return failure ? { what: failure.what, message: failure.error.message, at: failure.at.toISOString() } : null;
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}
