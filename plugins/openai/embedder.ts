import { Fault, fieldsOf, listOf, numberOf, type Embedder, type EmbedderFacts, type ProviderAccess } from 'boternity';
import { ask } from './list.ts';

/** In what a service differs when it makes vectors. */
export interface EmbeddingDialect {
  /** Name of the field that says how long vectors shall be; absent where the service takes none. */
  readonly dimensions?: string;
  /** Texts in one call, at most. */
  readonly mostTexts?: number;
}

/** An embedder behind POST /embeddings. */
export function embedderOf(
  access: ProviderAccess,
  { id, dimensions }: EmbedderFacts,
  dialect: EmbeddingDialect = {},
): Embedder {
  return {
    id,
    provider: access.name,
    dimensions,
    ...(dialect.mostTexts !== undefined && { mostTexts: dialect.mostTexts }),
    async embed(texts, signal) {
      const body = {
        model: id,
        input: texts,
        ...(dialect.dimensions !== undefined && { [dialect.dimensions]: dimensions }),
      };
      const answer = fieldsOf(await ask(access, '/embeddings', { body, signal }));
      const usage = fieldsOf(answer.usage);
      const tokens = numberOf(usage.prompt_tokens) ?? numberOf(usage.total_tokens) ?? null;
      return { vectors: vectorsIn(answer.data, access.name), tokens };
    },
  };
}

/** In the order of the texts, whatever order they came in. */
function vectorsIn(data: unknown, provider: string): number[][] {
  const entries = listOf(data).map((entry, at) => ({ place: numberOf(fieldsOf(entry).index) ?? at, entry }));
  const sorted = entries.toSorted((a, b) => a.place - b.place);
  return sorted.map(({ entry }) => {
    const { embedding } = fieldsOf(entry);
    if (Array.isArray(embedding) && embedding.every((number) => typeof number === 'number')) return embedding;
    throw new Fault('MODEL_FAILED', `${provider} gave something else than vectors.`);
  });
}
