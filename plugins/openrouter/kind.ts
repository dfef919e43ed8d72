import type { ProviderKind } from 'boternity';
import type { ChatDialect } from '../openai/chat/dialect.ts';
import type { OpenAi } from '../openai/index.ts';
import { readListed } from './listed.ts';

const dialect: ChatDialect = {
  limit: 'max_tokens',
  effort: (effort) => ({ reasoning: { effort } }),
  marksCache: ({ model }) => /claude/i.test(model),
  tellsCost: true,
  fields: () => ({ stream_options: undefined, usage: { include: true } }),
};

/** OpenRouter, over the protocols of OpenAI. */
export function openRouterKind(openAi: OpenAi): ProviderKind {
  return {
    type: 'openrouter',
    title: 'OpenRouter',
    address: 'https://openrouter.ai/api/v1',
    key: 'OPENROUTER_API_KEY',
    models: ['anthropic/claude-sonnet-5.5', 'openai/gpt-6.1-sol', 'z-ai/glm-5.3'],
    model: (access, facts) => openAi.chat(access, facts, dialect),
    list: (access, signal) => openAi.list(access, signal, readListed),
  };
}
