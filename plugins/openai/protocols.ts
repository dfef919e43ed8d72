import type { Embedder, EmbedderFacts, ListedModel, Model, ModelFacts, ProviderAccess } from 'boternity';
import { chatModel } from './chat/chat.ts';
import type { ChatDialect } from './chat/dialect.ts';
import { embedderOf, type EmbeddingDialect } from './embedder.ts';
import { ask, listModels, type Asking, type ReadListed } from './list.ts';
import { responsesModel } from './responses/responses.ts';

/** The service `openAi`: OpenAI's protocols, for every provider that speaks one of them. */
export interface OpenAi {
  /** A model behind Chat Completions. */
  chat(access: ProviderAccess, facts: ModelFacts, dialect?: ChatDialect): Model;
  /** A model behind Responses. */
  responses(access: ProviderAccess, facts: ModelFacts): Model;
  /** The models of a service that lists them at /models. Rejects with a fault. */
  list(access: ProviderAccess, signal: AbortSignal, read?: ReadListed): Promise<ListedModel[]>;
  /** The JSON that a service answers below its address; a POST where there is a body. Rejects with a fault. */
  ask(access: ProviderAccess, path: string, sent: Asking): Promise<unknown>;
  /** An embedder behind /embeddings. */
  embedder(access: ProviderAccess, facts: EmbedderFacts, dialect?: EmbeddingDialect): Embedder;
}

export const protocols: OpenAi = {
  chat: chatModel,
  responses: responsesModel,
  list: listModels,
  ask,
  embedder: embedderOf,
};
