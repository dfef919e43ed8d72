import {
  paragraphs,
  plainText,
  type Content,
  type Message,
  type ModelFacts,
  type ModelRequest,
  type Service,
} from 'boternity';
import type OpenAI from 'openai';
import { callIdFor, type CallIds } from '../call-ids.ts';
import { effortFor, type Refused } from '../refusals.ts';
import { keptOf, ownItems } from './items.ts';

type Body = OpenAI.Responses.ResponseCreateParamsStreaming;
type Item = OpenAI.Responses.ResponseInputItem;
type Piece = OpenAI.Responses.ResponseInputText | OpenAI.Responses.ResponseInputImage;
type Thinking = Pick<Body, 'reasoning' | 'include'>;

/** Fewest tokens that the service takes as a limit. */
const LEAST_TOKENS = 16;

const callIds: CallIds = { pattern: /^[\x21-\x7e]{1,64}$/, length: 24 };

/** A call as its answer names it: how it was made decides how its result is told. */
interface Called {
  readonly type: 'function_call' | 'custom_tool_call';
  readonly caller?: unknown;
}

/** The body of a call. What stays the same from turn to turn stands first, byte for byte; the tail is the last paragraph of all. */
export function requestBody(service: Service, request: ModelRequest, facts: ModelFacts, refusals: Refused): Body {
  const { temperature, maxTokens, schema, tools, toolChoice } = request;
  return {
    model: service.model,
    stream: true,
    store: false,
    ...thinkingFor(request, facts, refusals),
    ...(temperature !== undefined && !refusals.has('temperature') && { temperature }),
    ...(maxTokens !== undefined && { max_output_tokens: Math.max(LEAST_TOKENS, maxTokens) }),
    ...(schema && {
      text: { format: { type: 'json_schema', name: schema.name, schema: schema.schema, strict: true } },
    }),
    ...(request.system !== '' && { instructions: request.system }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: 'function',
        name,
        description,
        parameters,
        strict: false,
      })),
    }),
    ...(toolChoice !== undefined && {
      tool_choice: toolChoice === 'required' ? toolChoice : { type: 'function', name: toolChoice.name },
    }),
    input: inputFor(service, request, facts.abilities?.thinking !== false && !refusals.has('own items')),
  };
}

/** Nothing is kept at the service, so what the model thought travels with the conversation, encrypted. */
function thinkingFor({ thinking }: ModelRequest, { abilities }: ModelFacts, refusals: Refused): Thinking {
  if (abilities?.thinking === false || (abilities?.thinking === undefined && thinking === undefined)) return {};
  const effort = effortFor(thinking, refusals) as OpenAI.ReasoningEffort | undefined;
  const reasoning = {
    ...(effort !== undefined && { effort }),
    ...(!refusals.has('summary') && { summary: 'auto' as const }),
  };
  return {
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(!refusals.has('encrypted') && { include: ['reasoning.encrypted_content'] }),
  };
}

function inputFor(service: Service, { messages, tail }: ModelRequest, hasOwn: boolean): Item[] {
  const called = new Map<string, Called>();
  const last = messages.at(-1);
  const items: Item[] = [];
  for (const message of messages) {
    const own = message === last ? tail : '';
    if (message.role === 'user') items.push({ role: 'user', content: piecesFor(message.content, own) });
    else if (message.role === 'tool') items.push(resultFor(message, called.get(message.callId), own));
    else items.push(...answerFor(service, message, hasOwn, called));
  }
  if (tail !== '' && (last === undefined || last.role === 'assistant')) items.push({ role: 'user', content: tail });
  return items;
}

/** An answer of this very model as it gave it; of any other its words and calls. */
function answerFor(
  service: Service,
  message: Message & { role: 'assistant' },
  hasOwn: boolean,
  called: Map<string, Called>,
): Item[] {
  const kept = hasOwn ? keptOf(message.extra?.[service.provider], service.model) : undefined;
  if (kept) {
    for (const { type, call, caller } of kept)
      if (call !== undefined && type !== 'message')
        called.set(call, { type: type as Called['type'], ...(caller !== undefined && { caller }) });
    return ownItems(message, kept, (id) => callIdFor(id, callIds)) as unknown as Item[];
  }
  return [
    ...(message.text === '' ? [] : [{ role: 'assistant' as const, content: message.text }]),
    ...(message.calls ?? []).map((call) => ({
      type: 'function_call' as const,
      call_id: callIdFor(call.id, callIds),
      name: call.name,
      arguments: call.arguments,
    })),
  ];
}

function resultFor(message: Message & { role: 'tool' }, called: Called | undefined, tail: string): Item {
  const told = message.isError ? [{ type: 'text' as const, text: 'Error: ' }, ...message.content] : message.content;
  return {
    type: called?.type === 'custom_tool_call' ? 'custom_tool_call_output' : 'function_call_output',
    call_id: callIdFor(message.callId, callIds),
    output: piecesFor(told, tail),
    ...(called?.caller !== undefined && { caller: called.caller }),
  } as Item;
}

/** Text alone travels as a string; with images it is a list. */
function piecesFor(content: readonly Content[], tail: string): string | Piece[] {
  if (content.every((part) => part.type === 'text')) return paragraphs(plainText(content), tail);
  const pieces = content.map((part): Piece => {
    if (part.type === 'text') return { type: 'input_text', text: part.text };
    return { type: 'input_image', detail: 'auto', image_url: `data:${part.mediaType};base64,${part.base64}` };
  });
  return tail === '' ? pieces : [...pieces, { type: 'input_text', text: tail }];
}
