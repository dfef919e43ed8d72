import { embedAll, Fault, z, type Embedder, type Vector } from 'boternity';
import { readBody } from './request-parts.ts';

/** Texts and characters in one request. */
const MOST_TEXTS = 2_048;
const MOST_CHARACTERS = 1_000_000;

const texts = z.union(
  [
    z.string().transform((one) => [one]),
    z.array(z.string()).min(1, 'Send at least one text.').max(MOST_TEXTS, `Send at most ${MOST_TEXTS} texts.`),
  ],
  { error: 'Send a text, or a list of texts: this server reads no tokens.' },
);

const embeddingBody = z.looseObject({
  model: z.string({ error: 'Name an embedder of the list of models.' }).min(1),
  input: texts
    .refine((all) => all.every((one) => one !== ''), 'An empty text has no embedding.')
    .refine(
      (all) => all.reduce((sum, one) => sum + one.length, 0) <= MOST_CHARACTERS,
      `Send at most ${MOST_CHARACTERS} characters at once.`,
    ),
  encoding_format: z.enum(['float', 'base64'], { error: 'Ask for float or base64.' }).nullish(),
  dimensions: z.number().int().positive().nullish(),
});

/** Answers POST /v1/embeddings. Throws MODEL_MISSING and INPUT_INVALID. */
export async function embeddings(
  embedders: readonly Embedder[],
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<object> {
  if (embedders.length === 0)
    throw new Fault('MODEL_MISSING', 'No embedder is loaded on this server, or this key may use none.', {
      hint: 'Add a plugin that brings one.',
    });
  const { model, input, encoding_format: format, dimensions } = readBody(body, embeddingBody, {});
  const embedder = embedders.find((each) => nameOf(each) === model) ?? embedders.find(({ id }) => id === model);
  if (!embedder)
    throw new Fault(
      'MODEL_MISSING',
      `There is no embedder "${model}". There are: ${embedders.map(nameOf).join(', ')}.`,
      {
        hint: '',
        details: [{ path: 'model', message: 'names no embedder' }],
      },
    );
  if (dimensions && dimensions !== embedder.dimensions)
    throw new Fault('INPUT_INVALID', `dimensions: ${model} gives ${embedder.dimensions} numbers, and no other count.`, {
      hint: '',
      details: [{ path: 'dimensions', message: 'is another than that of the embedder' }],
    });
  const { vectors, tokens } = await embedAll(embedder, input, signal);
  const count = tokens ?? input.reduce((sum, one) => sum + Math.ceil(one.length / 4), 0);
  return {
    object: 'list',
    model: nameOf(embedder),
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: format === 'base64' ? base64Of(vector) : Array.from(vector),
    })),
    usage: { prompt_tokens: count, total_tokens: count },
  };
}

/** An embedder as the list of models tells of it. */
export function embedderView(embedder: Embedder): object {
  return { id: nameOf(embedder), object: 'model', created: 0, owned_by: embedder.provider };
}

function nameOf({ provider, id }: Embedder): string {
  return `${provider}/${id}`;
}

/** Floats of 32 bits, little end first. */
function base64Of(vector: Vector): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, number] of vector.entries()) bytes.writeFloatLE(number, at * 4);
  return bytes.toString('base64');
}
