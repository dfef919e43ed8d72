import { fieldsOf, numberOf, textOf, type Fields, type ListedModel } from 'boternity';
import type { ChatDialect } from '../openai/chat/dialect.ts';

/** Models that make vectors, and of how many numbers. */
export const EMBEDDINGS: Readonly<Record<string, number>> = { 'mistral-embed': 1024, 'codestral-embed': 1536 };

/** Its service refuses fields that it does not know, ids of any other form, and a user who speaks right after a tool. */
export const dialect: ChatDialect = {
  limit: 'max_tokens',
  callIds: { pattern: /^[A-Za-z0-9]{9}$/, length: 9 },
  answersTools: true,
  effort: (effort) => ({ reasoning_effort: effort === 'none' || effort === 'minimal' ? 'none' : 'high' }),
  // Usage comes unasked.
  fields: ({ toolChoice }) => ({
    stream_options: undefined,
    ...(toolChoice === 'required' && { tool_choice: 'any' }),
  }),
};

export function readListed(entry: Fields): ListedModel | undefined {
  const id = textOf(entry.id);
  const dimensions = EMBEDDINGS[id];
  if (dimensions !== undefined) return { id, dimensions };
  const {
    completion_chat: talks,
    function_calling: tools,
    vision: images,
    reasoning: thinking,
  } = fieldsOf(entry.capabilities);
  if (id === '' || talks !== true) return undefined;
  const window = numberOf(entry.max_context_length);
  const abilities = { tools: tools === true, images: images === true };
  return {
    id,
    ...(window !== undefined && { window }),
    abilities: typeof thinking === 'boolean' ? { ...abilities, thinking } : abilities,
  };
}
