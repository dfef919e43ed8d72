import {
  fieldsOf,
  paragraphs,
  plainText,
  toldOf,
  type Content,
  type Message,
  type ModelFacts,
  type ModelRequest,
  type Service,
} from 'boternity';
import type OpenAI from 'openai';
import { callIdFor, usualIds } from '../call-ids.ts';
import type { ChatDialect } from './dialect.ts';

type WireMessage = OpenAI.ChatCompletionMessageParam;
type WirePart = OpenAI.ChatCompletionContentPart;

interface Speech {
  readonly service: Service;
  readonly dialect: ChatDialect;
  /** Whether the model sees. */
  readonly hasImages: boolean;
  readonly marksCache: boolean;
}

const MARK = { cache_control: { type: 'ephemeral' } };
const AFTER_TOOLS = 'I have read the results.';

/** Everything that was said. The tail becomes the last paragraph of the last message, be it the user's or a tool's result. */
export function messagesFor(
  service: Service,
  { system, messages, tail }: ModelRequest,
  facts: ModelFacts,
  dialect: ChatDialect,
): WireMessage[] {
  const hasImages = facts.abilities?.images !== false;
  const speech: Speech = { service, dialect, hasImages, marksCache: dialect.marksCache?.(service) ?? false };
  const last = messages.at(-1);
  const wire: WireMessage[] = [];
  if (system !== '')
    wire.push({ role: 'system', content: contentFor([{ type: 'text', text: system }], '', speech, true) as string });
  for (const message of messages) {
    const own = message === last ? tail : '';
    if (message.role === 'user' && dialect.answersTools && wire.at(-1)?.role === 'tool')
      wire.push({ role: 'assistant', content: AFTER_TOOLS });
    wire.push(...messageFor(message, own, speech, message === last));
  }
  if (tail !== '' && (last === undefined || last.role === 'assistant')) wire.push({ role: 'user', content: tail });
  return wire;
}

function messageFor(message: Message, tail: string, speech: Speech, isLast: boolean): WireMessage[] {
  if (message.role === 'assistant') return assistantFor(message, speech);
  if (message.role === 'user') return [{ role: 'user', content: contentFor(message.content, tail, speech, isLast) }];
  // Results of tools are text in this protocol.
  const told = [{ type: 'text' as const, text: `${message.isError ? 'Error: ' : ''}${toldOf(message.content)}` }];
  const id = callIdFor(message.callId, speech.dialect.callIds ?? usualIds);
  return [{ role: 'tool', tool_call_id: id, content: contentFor(told, tail, speech, isLast) as string }];
}

/** Text alone travels as a string, which every service reads; with images, and where marks are set, it is a list. */
function contentFor(content: readonly Content[], tail: string, speech: Speech, isMarked: boolean): string | WirePart[] {
  if (!speech.marksCache && content.every((part) => part.type === 'text')) return paragraphs(plainText(content), tail);
  const parts = content.map((part) => partFor(part, speech));
  const marked =
    speech.marksCache && isMarked
      ? parts.map((part, at) => (at === parts.length - 1 ? { ...part, ...MARK } : part))
      : parts;
  return tail === '' ? marked : [...marked, { type: 'text', text: tail }];
}

function partFor(part: Content, { hasImages }: Speech): WirePart {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (!hasImages) return { type: 'text', text: '(An image that cannot be shown to you.)' };
  return { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.base64}` } };
}

/** What the model thought goes back only to the provider that sent it, under the name it used. An empty answer is refused by strict services. */
function assistantFor(message: Message & { role: 'assistant' }, { service, dialect }: Speech): WireMessage[] {
  const calls = message.calls ?? [];
  const returned = fieldsOf(message.extra?.[service.provider]);
  if (calls.length === 0) return message.text === '' ? [] : [{ role: 'assistant', content: message.text, ...returned }];
  const told = calls.map((call) => ({
    id: callIdFor(call.id, dialect.callIds ?? usualIds),
    type: 'function' as const,
    function: { name: call.name, arguments: readable(call.arguments) },
  }));
  return [{ role: 'assistant', content: message.text === '' ? null : message.text, ...returned, tool_calls: told }];
}

/** Strict services refuse a history with broken arguments; that they were broken is told by the tool's result. */
function readable(json: string): string {
  try {
    JSON.parse(json);
    return json;
  } catch {
    return '{}';
  }
}
