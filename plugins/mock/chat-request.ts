import { z } from 'boternity';
import type { ChatRequest } from './answer.ts';

const content = z.union([
  z.string(),
  z.null().transform(() => ''),
  z
    .array(z.looseObject({ text: z.string().optional() }))
    .transform((parts) => parts.map((part) => part.text ?? '').join('')),
]);

const chatBody = z.object({
  model: z.string({ error: 'model is required' }).min(1, 'model is required'),
  messages: z
    .array(z.object({ role: z.string(), content: content.default('') }), { error: 'messages must be a list' })
    .min(1, 'messages must not be empty'),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).optional(),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
});

/** Reads the body of a chat request, or says in one fixed sentence what is wrong with it. */
export function readChatRequest(body: string): ChatRequest | { readonly wrong: string } {
  const json = parse(body);
  if (typeof json !== 'object' || json === null) return { wrong: 'the body is not valid JSON' };
  const checked = chatBody.safeParse(json);
  if (!checked.success) return { wrong: checked.error.issues[0]?.message ?? 'the body is not valid' };
  const { model, messages, stream, stream_options, tools } = checked.data;
  return {
    model,
    messages: messages.map((message) => ({ role: message.role, text: message.content })),
    tools: tools.map((tool) => tool.function.name),
    stream,
    wantsUsage: stream_options?.include_usage ?? false,
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
