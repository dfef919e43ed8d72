import { asking, fieldsOf, listOf, sendForJson } from 'boternity';
import type { Embedder, EmbedderFacts, ProviderAccess } from 'boternity';
import { headersOf, methodAt, resourceOf } from './service.ts';

/** Models that make vectors, and of how many numbers by themselves; fewer can be asked for. */
export const EMBEDDINGS: Readonly<Record<string, number>> = { 'gemini-embedding-001': 3072 };

/** Vectors of a model such as gemini-embedding-001. The service does not say how many tokens they took. */
export function geminiEmbedder(access: ProviderAccess, { id, dimensions }: EmbedderFacts): Embedder {
  return {
    id,
    provider: access.name,
    dimensions,
    mostTexts: 100,
    embed: (texts, signal) =>
      asking(access, signal, async (service, within) => {
        const requests = texts.map((text) => ({
          model: resourceOf(id),
          content: { parts: [{ text }] },
          outputDimensionality: dimensions,
        }));
        const sent = { headers: headersOf(service), body: { requests }, signal: within };
        const answer = fieldsOf(await sendForJson(methodAt({ ...service, model: id }, 'batchEmbedContents'), sent));
        return { vectors: listOf(answer.embeddings).map(vectorIn), tokens: null };
      }),
  };
}

function vectorIn(embedding: unknown): number[] {
  return listOf(fieldsOf(embedding).values).map(Number);
}
