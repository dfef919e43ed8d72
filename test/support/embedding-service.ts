import { startService, type Asked, type ModelService, type Reply } from './model-service.ts';

export interface EmbeddingService extends ModelService {
  /** The texts of each call, oldest first. */
  readonly calls: () => (readonly string[])[];
  /** What the next calls are answered with, in place of vectors; undefined: vectors. */
  readonly script: (...replies: (Reply | undefined)[]) => void;
  /** Its entry in providers.yaml, which offers one embedder, `words`. */
  readonly provider: string;
}

export const DIMENSIONS = 16;

/** An OpenAI-compatible service of embeddings on a loopback port: texts with the same words have like vectors. */
export async function startEmbeddingService(): Promise<EmbeddingService> {
  const scripted: (Reply | undefined)[] = [];
  const service = await startService((asked) => (isQuestion(asked) ? (scripted.shift() ?? vectorsFor(asked)) : MODELS));
  return {
    url: service.url,
    asked: service.asked,
    calls: () => service.asked.filter(isQuestion).map(({ json }) => json.input as string[]),
    script: (...replies) => void scripted.push(...replies),
    provider: `type: openai-compatible\n    address: ${service.url}/v1\n    models: [words]\n    facts: { words: { dimensions: ${DIMENSIONS} } }\n`,
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

/** A vector that counts the words of a text, not of length 1. */
export function wordVector(text: string): number[] {
  const vector = Array.from({ length: DIMENSIONS }, () => 0);
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    const place =
      Array.from(word).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7) % DIMENSIONS;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}

const MODELS: Reply = { json: { object: 'list', data: [{ id: 'words', object: 'model' }] } };

/** Whether vectors are asked for; a server of models is asked what it has, too. */
function isQuestion({ method }: Asked): boolean {
  return method === 'POST';
}

function vectorsFor({ json }: Asked): Reply {
  const texts = json.input as string[];
  return {
    json: {
      object: 'list',
      data: texts.map((text, index) => ({ object: 'embedding', index, embedding: wordVector(text) })),
      usage: { prompt_tokens: texts.length, total_tokens: texts.length },
    },
  };
}
