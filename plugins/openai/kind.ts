import {
  hostOf,
  z,
  type ListedModel,
  type Model,
  type ModelFacts,
  type ProviderAccess,
  type ProviderKind,
} from 'boternity';
import { chatModel } from './chat/chat.ts';
import { embedderOf } from './embedder.ts';
import { listModels } from './list.ts';
import { responsesModel } from './responses/responses.ts';

const OWN_HOST = 'api.openai.com';

/** Models of OpenAI that neither talk nor make vectors. */
const NO_CHAT =
  /^(dall-e|gpt-image|chatgpt-image|whisper|tts|sora|omni-moderation|text-moderation|babbage|davinci|computer-use)|-(transcribe|tts|audio|realtime|image|live|translate)\b|instruct|^gpt-(audio|realtime|live|image)/;

const EMBEDDINGS: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1536,
  'text-embedding-3-large': 3072,
  'text-embedding-ada-002': 1536,
};

/** OpenAI itself, and services that are built after it. */
export const openAiKind: ProviderKind = {
  type: 'openai',
  title: 'OpenAI',
  address: `https://${OWN_HOST}/v1`,
  key: 'OPENAI_API_KEY',
  models: ['gpt-6.1-sol', 'gpt-6.1-terra', 'gpt-6-luna', 'gpt-5-mini'],
  embeddings: EMBEDDINGS,
  options: z.object({
    api: z
      .enum(['responses', 'chat'])
      .optional()
      .describe('Which of its protocols is spoken; responses at api.openai.com, chat elsewhere'),
  }),
  model: modelOf,
  list: async (access, signal) =>
    (await listModels(access, signal)).filter(({ id }) => !NO_CHAT.test(id)).map(withDimensions),
  embedder: (access, facts) =>
    embedderOf(access, facts, {
      mostTexts: 2048,
      ...(facts.id.startsWith('text-embedding-3') && { dimensions: 'dimensions' }),
    }),
};

function modelOf(access: ProviderAccess, facts: ModelFacts): Model {
  const api = access.options.api ?? (hostOf(access) === OWN_HOST ? 'responses' : 'chat');
  return api === 'responses' ? responsesModel(access, facts) : chatModel(access, facts);
}

function withDimensions(model: ListedModel): ListedModel {
  const dimensions = EMBEDDINGS[model.id];
  return dimensions === undefined ? model : { ...model, dimensions };
}
