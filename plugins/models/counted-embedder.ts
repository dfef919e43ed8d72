import { failureBehind, type Embedder, type Embedding, type EmbedPurpose } from 'boternity';
import { nameOf } from './chain.ts';
import type { Circuits } from './circuits.ts';

type Embed = (
  embedder: Embedder,
  texts: readonly string[],
  signal: AbortSignal,
  about?: EmbedPurpose,
) => Promise<Embedding>;

/** The same embedder, of whose calls the whole house knows: they go through `model.embed`, and the circuits learn how they ended. */
export function countedEmbedder(embedder: Embedder, embed: Embed, circuits: Circuits): Embedder {
  const name = nameOf(embedder);
  return {
    ...embedder,
    async embed(texts, signal, about) {
      try {
        const embedding = await embed(embedder, texts, signal, about);
        circuits.succeeded(name);
        return embedding;
      } catch (error) {
        const failure = signal.aborted ? undefined : failureBehind(error);
        if (failure) circuits.failed(name, failure);
        else circuits.abandoned(name);
        throw error;
      }
    },
  };
}
