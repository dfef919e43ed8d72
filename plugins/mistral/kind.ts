import type { ProviderKind } from 'boternity';
import type { OpenAi } from '../openai/index.ts';
import { dialect, EMBEDDINGS, readListed } from './dialect.ts';

/** Mistral, over the protocols of OpenAI. */
export function mistralKind(openAi: OpenAi): ProviderKind {
  return {
    type: 'mistral',
    title: 'Mistral',
    address: 'https://api.mistral.ai/v1',
    key: 'MISTRAL_API_KEY',
    models: ['mistral-large-4', 'mistral-medium-latest', 'mistral-small-latest'],
    embeddings: EMBEDDINGS,
    model: (access, facts) => openAi.chat(access, facts, dialect),
    list: (access, signal) => openAi.list(access, signal, readListed),
    embedder: (access, facts) =>
      openAi.embedder(access, facts, facts.id.startsWith('codestral') ? { dimensions: 'output_dimension' } : {}),
  };
}
