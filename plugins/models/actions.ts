import { defineAction, z, type Model } from 'boternity';

const modelView = z.object({
  id: z.string(),
  provider: z.string(),
  window: z.number().nullable().describe('Tokens of input and output together'),
  output: z.number().nullable().describe('Tokens that it can write at most'),
  tools: z.boolean(),
  images: z.boolean(),
  thinking: z.boolean(),
  priority: z.number().describe('Where several providers serve it, the highest is asked first'),
  price: z
    .object({
      input: z.number(),
      output: z.number(),
      cacheRead: z.number().nullable(),
      cacheWrite: z.number().nullable(),
      source: z.string(),
    })
    .nullable()
    .describe('US dollars for a million tokens; null when unknown, which is not free'),
});

declare module 'boternity' {
  interface ActionTypes {
    'models.list': ReturnType<typeof listModels>;
  }
}

export function listModels(models: Iterable<[string, Model]>) {
  return defineAction({
    name: 'models.list',
    summary: 'Lists the models that the providers offer.',
    permission: 'models:read',
    http: 'GET /models',
    cli: 'model list',
    columns: ['id', 'provider', 'window', 'tools', 'images', 'price.input', 'price.output'],
    examples: ['bnity model list', 'bnity model list --json'],
    input: z.strictObject({}),
    output: z.object({ models: z.array(modelView) }),
    run: async () => ({
      models: Array.from(models, ([, { id, provider, window, output, abilities, priority, price }]) => ({
        id,
        provider,
        window: window ?? null,
        output: output ?? null,
        tools: abilities.tools,
        images: abilities.images,
        thinking: abilities.thinking ?? false,
        priority: priority ?? 0,
        price: price
          ? {
              input: price.input,
              output: price.output,
              cacheRead: price.cacheRead ?? null,
              cacheWrite: price.cacheWrite ?? null,
              source: price.source,
            }
          : null,
      })),
    }),
  });
}
