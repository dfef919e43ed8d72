import { z, type ModelFacts, type ProviderAccess, type ProviderKind } from 'boternity';
import type { ChatDialect } from '../openai/chat/dialect.ts';
import type { OpenAi } from '../openai/index.ts';

const PATH = '/api/paas/v4';
const CODING_PATH = '/api/coding/paas/v4';

/** Its service knows no schemas, lets nobody demand a call, and takes one stop text. */
const dialect: ChatDialect = {
  limit: 'max_tokens',
  hasSchema: false,
  hasToolChoice: false,
  effort: (effort) => ({ thinking: { type: effort === 'none' || effort === 'minimal' ? 'disabled' : 'enabled' } }),
  fields: ({ stop }) => (stop ? { stop: stop.slice(0, 1) } : {}),
};

/** Z.ai, over the protocols of OpenAI. */
export function zaiKind(openAi: OpenAi): ProviderKind {
  return {
    type: 'zai',
    title: 'Z.ai',
    address: `https://api.z.ai${PATH}`,
    key: 'ZAI_API_KEY',
    models: ['glm-5.3', 'glm-5.3-flash', 'glm-4.7'],
    options: z.object({
      plan: z
        .enum(['coding'])
        .optional()
        .describe('coding: the key belongs to a coding plan, which has another address'),
    }),
    model: (access, facts) => openAi.chat(placed(access), seeing(facts), dialect),
    list: (access, signal) => openAi.list(placed(access), signal),
  };
}

function placed(access: ProviderAccess): ProviderAccess {
  return access.options.plan === 'coding' ? { ...access, address: access.address.replace(PATH, CODING_PATH) } : access;
}

/** Only models with a v after their number see, unless somebody knows better. */
function seeing(facts: ModelFacts): ModelFacts {
  return { ...facts, abilities: { images: /\dv\b/.test(facts.id), ...facts.abilities } };
}
