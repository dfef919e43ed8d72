import { plainText, type Content, type Message, type ModelRequest, type ToolSpec } from 'boternity';
import type OpenAI from 'openai';
import { hostOf, type Service } from './service.ts';
import { fieldsOf } from './unknown.ts';

type Body = OpenAI.ChatCompletionCreateParamsStreaming;
/** Fields that some services refuse and an answer can do without. */
export type Refusable = 'stream_options' | 'temperature';

type WireMessage = OpenAI.ChatCompletionMessageParam;
type WirePart = OpenAI.ChatCompletionContentPart;

/**
 * The body of a call. What stays the same from turn to turn stands first, byte for byte: settings, tools, system, history. The
 * tail becomes the last paragraph of the last message, be it the user's or a tool's result: a user message after a tool
 * result is refused by strict services, and any other place would change bytes that a cache holds.
 */
export function requestBody(
  service: Service,
  request: ModelRequest,
  without: ReadonlySet<Refusable> = new Set<Refusable>(),
): Body {
  return {
    model: service.model,
    stream: true,
    ...(!without.has('stream_options') && { stream_options: { include_usage: true } }),
    ...(request.temperature !== undefined && !without.has('temperature') && { temperature: request.temperature }),
    ...(request.maxTokens !== undefined && { [limitName(service)]: request.maxTokens }),
    ...(request.tools.length > 0 && { tools: request.tools.map(toolFor) }),
    ...(request.toolChoice !== undefined && { tool_choice: choiceFor(request.toolChoice) }),
    messages: messagesFor(service, request),
  };
}

/** OpenAI's own newer models refuse `max_tokens`; the others know nothing else. */
function limitName(service: Service): 'max_completion_tokens' | 'max_tokens' {
  return hostOf(service) === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens';
}

function choiceFor(choice: NonNullable<ModelRequest['toolChoice']>): OpenAI.ChatCompletionToolChoiceOption {
  return choice === 'required' ? choice : { type: 'function', function: { name: choice.name } };
}

function toolFor({ name, description, parameters }: ToolSpec): OpenAI.ChatCompletionFunctionTool {
  return { type: 'function', function: { name, description, parameters } };
}

function messagesFor(service: Service, request: ModelRequest): WireMessage[] {
  const { system, messages, tail } = request;
  const last = messages.at(-1);
  const wire: WireMessage[] = system === '' ? [] : [{ role: 'system', content: system }];
  for (const message of messages) wire.push(messageFor(service, message, message === last ? tail : ''));
  if (tail !== '' && (last === undefined || last.role === 'assistant')) wire.push({ role: 'user', content: tail });
  return wire;
}

function messageFor(service: Service, message: Message, tail: string): WireMessage {
  if (message.role === 'user') return { role: 'user', content: contentFor(message.content, tail) };
  if (message.role === 'assistant') return assistantFor(service, message);
  const result = plainText(message.content);
  const told = message.isError ? `Error: ${result}` : result;
  return { role: 'tool', tool_call_id: message.callId, content: withTail(told, tail) };
}

/** Text alone travels as a string, which every service reads; with images it is a list. */
function contentFor(content: readonly Content[], tail: string): string | WirePart[] {
  if (content.every((part) => part.type === 'text')) return withTail(plainText(content), tail);
  const parts = content.map(partFor);
  return tail === '' ? parts : [...parts, { type: 'text', text: tail }];
}

function partFor(part: Content): WirePart {
  if (part.type === 'text') return { type: 'text', text: part.text };
  return { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.base64}` } };
}

/** What the model thought goes back only to the provider that sent it, under the name it used. */
function assistantFor(service: Service, message: Message & { role: 'assistant' }): WireMessage {
  const calls = message.calls ?? [];
  const returned = fieldsOf(message.extra?.[service.provider]);
  if (calls.length === 0) return { role: 'assistant', content: message.text, ...returned };
  return {
    role: 'assistant',
    content: message.text === '' ? null : message.text,
    ...returned,
    tool_calls: calls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: readable(call.arguments) },
    })),
  };
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

function withTail(text: string, tail: string): string {
  if (tail === '') return text;
  return text === '' ? tail : `${text}\n\n${tail}`;
}
