import { z } from 'boternity';
import type { Past } from '../conversations/service.ts';
import { commonFields, contentOf, effort, isAbsent, isAtMost, isEmpty, mostTools } from './request-parts.ts';
import { readBody, responseFormat, specOf, toolFields, toolWishes } from './request-parts.ts';
import type { Asked } from './where.ts';

const call = z.looseObject({
  id: z.string().min(1),
  type: z.literal('function', { error: 'Only calls of functions are known.' }).optional(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

const message = z.discriminatedUnion(
  'role',
  [
    z.looseObject({ role: z.enum(['system', 'developer']), content: contentOf('text') }),
    z.looseObject({ role: z.literal('user'), content: contentOf('text') }),
    z.looseObject({
      role: z.literal('assistant'),
      content: contentOf('text', 'refusal').optional(),
      tool_calls: z.array(call).nullish(),
    }),
    z.looseObject({ role: z.literal('tool'), tool_call_id: z.string(), content: contentOf('text') }),
  ],
  { error: 'A role is one of system, developer, user, assistant and tool.' },
);

const chatBody = z.looseObject({
  ...commonFields,
  messages: z.array(message, { error: 'Send a list of messages.' }).min(1, 'Send at least one message.'),
  response_format: responseFormat,
  reasoning_effort: effort,
  stop: z
    .union([z.string().min(1), z.array(z.string().min(1)).max(4)], { error: 'Send a text, or at most four.' })
    .nullish()
    .transform((given) => (typeof given === 'string' ? [given] : given)),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  tools: z
    .array(
      z.looseObject({
        type: z.literal('function', { error: 'Only functions can be tools.' }),
        function: z.looseObject(toolFields),
      }),
    )
    .max(mostTools)
    .nullish(),
});

const cannot = {
  n: isAtMost(1),
  logprobs: isAbsent,
  top_logprobs: isAtMost(0),
  logit_bias: isEmpty,
  audio: isEmpty,
  modalities: (value: unknown): boolean => isEmpty(value) || (Array.isArray(value) && value.join() === 'text'),
  functions: isEmpty,
  function_call: isAbsent,
  prediction: isEmpty,
  web_search_options: isAbsent,
};

/** Reads the body of POST /v1/chat/completions. Throws INPUT_INVALID that names the field. */
export function readChat(body: Readonly<Record<string, unknown>>): {
  readonly asked: Asked;
  readonly wantsUsage: boolean;
} {
  const read = readBody(body, chatBody, cannot);
  const maxTokens = read.max_completion_tokens ?? read.max_tokens;
  return {
    wantsUsage: read.stream_options?.include_usage ?? false,
    asked: {
      model: read.model,
      isStream: read.stream ?? false,
      user: read.user ?? undefined,
      field: 'messages',
      past: read.messages.map(pastOf),
      wishes: {
        ...toolWishes(
          read.tool_choice,
          (read.tools ?? []).map((tool) => specOf(tool.function)),
        ),
        ...(typeof read.temperature === 'number' && { temperature: read.temperature }),
        ...(typeof maxTokens === 'number' && { maxTokens }),
        ...(read.stop && { stop: read.stop }),
        ...(read.response_format && { schema: read.response_format }),
        ...(read.reasoning_effort && { thinking: read.reasoning_effort }),
      },
    },
  };
}

function pastOf(said: z.output<typeof message>): Past {
  if (said.role === 'user') return { role: 'user', text: said.content };
  if (said.role === 'tool') return { role: 'tool', callId: said.tool_call_id, text: said.content };
  if (said.role !== 'assistant') return { role: 'system', text: said.content };
  const calls = (said.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({
    id,
    name,
    arguments: text,
  }));
  return { role: 'assistant', text: said.content ?? '', calls };
}
