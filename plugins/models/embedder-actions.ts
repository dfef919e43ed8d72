import { defineAction, Fault, z, type Action } from 'boternity';
import type { ChosenEmbedder } from './chosen-embedder.ts';
import type { Embedders } from './embedders.ts';

declare module 'boternity' {
  interface ActionTypes {
    'embedders.list': ReturnType<typeof listEmbedders>;
    'embedders.test': ReturnType<typeof testEmbedder>;
  }
}

/** Longest wait for the vectors of a test, in milliseconds: a model may have to be loaded first. */
const TEST_MS = 60_000;
/** What a test embeds: two sentences of one meaning and one of another. */
const SENTENCES = ['The cat sleeps on the sofa.', 'A kitten naps on the couch.', 'Our invoice is due in March.'];

export function embedderActions(embedders: Embedders): Action[] {
  return [listEmbedders(embedders), testEmbedder(embedders)];
}

function listEmbedders(embedders: Embedders) {
  return defineAction({
    name: 'embedders.list',
    summary: 'Lists the embedders that are there, and which one memory and files use.',
    permission: 'models:read',
    http: 'GET /embedders',
    cli: 'embedder list',
    columns: ['name', 'dimensions', 'chosen'],
    examples: ['bnity embedder list'],
    input: z.strictObject({}),
    output: z.object({
      embedders: z.array(
        z.object({
          name: z.string().describe('provider/id'),
          dimensions: z.number().describe('Numbers in each vector'),
          chosen: z.boolean(),
        }),
      ),
      why: z.string().describe('Why this one is chosen, or none'),
    }),
    run: async () => {
      const chosen = embedders.chosen();
      return {
        embedders: embedders.all.map(({ provider, id, dimensions }) => {
          const name = `${provider}/${id}`;
          return { name, dimensions, chosen: name === chosen?.id };
        }),
        why: whyOf(embedders.wanted, chosen),
      };
    },
  });
}

function whyOf(asked: string | undefined, chosen: ChosenEmbedder | undefined): string {
  if (asked === undefined)
    return 'None is chosen: memory finds by words alone. Choose one with: bnity settings set embedder <provider/id>';
  return chosen
    ? `The setting embedder names it.`
    : `The setting embedder asks for ${asked}, which no provider offers: memory finds by words alone.`;
}

function testEmbedder(embedders: Embedders) {
  return defineAction({
    name: 'embedders.test',
    summary:
      'Makes vectors of three short sentences, to see whether an embedder works; a service may charge some tokens.',
    permission: 'providers:admin',
    http: 'POST /embedders/test',
    cli: 'embedder test [name]',
    examples: ['bnity embedder test', 'bnity embedder test openai/text-embedding-3-small'],
    input: z.strictObject({
      name: z.string().min(1).max(300).optional().describe('id or provider/id; the chosen one when absent'),
    }),
    output: z.object({
      name: z.string(),
      dimensions: z.number(),
      milliseconds: z.number(),
      alike: z.number().describe('Likeness of two sentences of one meaning, 1 at most'),
      unlike: z.number().describe('Likeness of one of them to a sentence about something else'),
    }),
    async run({ name }, { signal }) {
      const embedder = embedders.chosen(name);
      const offered = embedders.all.map(({ provider, id }) => `${provider}/${id}`);
      if (!embedder)
        throw new Fault('MODEL_MISSING', `${name ?? 'The chosen embedder'} is not there.`, {
          hint: `Name one that is: ${offered.join(', ') || 'there is none; add a provider whose models make vectors'}.`,
        });
      const began = performance.now();
      const within = AbortSignal.any([signal, AbortSignal.timeout(TEST_MS)]);
      const [first, second, third] = await embedder.embed(SENTENCES, within, { isUrgent: true });
      const milliseconds = Math.round((performance.now() - began) * 10) / 10;
      const { id, dimensions } = embedder;
      return { name: id, dimensions, milliseconds, alike: likeness(first, second), unlike: likeness(first, third) };
    },
  });
}

function likeness(one: Float32Array = new Float32Array(), other: Float32Array = new Float32Array()): number {
  const sum = one.reduce((total, number, at) => total + number * (other[at] ?? 0), 0);
  return Math.round(sum * 1000) / 1000;
}
