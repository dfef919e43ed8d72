import { defineAction, z, type Model } from 'boternity';

const modelView = z.object({
  id: z.string(),
  provider: z.string(),
  window: z.number().nullable().describe('Tokens of input and output together'),
  tools: z.boolean(),
  images: z.boolean(),
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
    examples: ['bnity model list', 'bnity model list --json'],
    input: z.strictObject({}),
    output: z.object({ models: z.array(modelView) }),
    run: async () => ({
      models: [...models].map(([, { id, provider, window, abilities }]) => ({
        id,
        provider,
        window: window ?? null,
        tools: abilities.tools,
        images: abilities.images,
      })),
    }),
  });
}
