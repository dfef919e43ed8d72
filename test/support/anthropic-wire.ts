import type { ServiceAnswer } from '../../core/testing.ts';
import type { ModelRequest, ProviderAccess } from 'boternity';
import { messagesModel } from '../../plugins/anthropic/messages.ts';
import { accessTo } from './access.ts';
import { hear, type Heard } from './hear.ts';
import {
  later,
  startService,
  type ModelService,
  type Refusals,
  type Reply,
  type StagedService,
} from './model-service.ts';
import { asEvents } from './recordings.ts';

/** A model that thinks only when asked to. */
export const OLDER = 'claude-sonnet-4-5';
export const frame = asEvents({ isNamed: true });

/** An event of the stream as it travels. */
export function event(value: { readonly type: string } & Readonly<Record<string, unknown>>): Buffer {
  return frame([JSON.stringify(value)]);
}

export function start(usage?: object): Buffer {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: OLDER,
    content: [],
    ...(usage && { usage }),
  };
  return event({ type: 'message_start', message });
}

export function ending(stop: string, usage?: object): Buffer[] {
  const delta = { stop_reason: stop, stop_sequence: null };
  return [event({ type: 'message_delta', delta, ...(usage && { usage }) }), event({ type: 'message_stop' })];
}

export function block(index: number, content: object, deltas: readonly object[]): Buffer[] {
  return [
    event({ type: 'content_block_start', index, content_block: content }),
    ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
    event({ type: 'content_block_stop', index }),
  ];
}

export function said(index: number, pieces: readonly string[]): Buffer[] {
  return block(
    index,
    { type: 'text', text: '' },
    pieces.map((piece) => ({ type: 'text_delta', text: piece })),
  );
}

export function thought(index: number, pieces: readonly string[], signature: string): Buffer[] {
  const deltas = pieces.map((thinking) => ({ type: 'thinking_delta', thinking }));
  const content = { type: 'thinking', thinking: '', signature: '' };
  return block(index, content, [...deltas, { type: 'signature_delta', signature }]);
}

export function called(index: number, id: string, name: string, input: object): Buffer[] {
  const json = JSON.stringify(input);
  const half = Math.ceil(json.length / 2);
  const pieces = json === '{}' ? [''] : ['', json.slice(0, half), json.slice(half)];
  const deltas = pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  return block(index, { type: 'tool_use', id, name, input: {} }, deltas);
}

export function streamed(...events: readonly Buffer[]): Reply {
  return { frames: events };
}

export function refused(status: number, type: string, message: string, headers: Record<string, string> = {}): Reply {
  const error = { type: 'error', error: { type, message }, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' };
  return { status, headers, json: error };
}

const refusals: Refusals = {
  key: refused(401, 'authentication_error', 'invalid x-api-key'),
  rate: refused(429, 'rate_limit_error', 'This request would exceed the rate limit.', later),
  failure: refused(500, 'api_error', 'Internal server error'),
  invalid: refused(400, 'invalid_request_error', 'messages.0.content: Field required'),
  overload: refused(529, 'overloaded_error', 'Overloaded'),
  context: refused(400, 'invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'),
};

/** The contract's words in Messages. */
function framesOf(answer: ServiceAnswer): { spoken: Buffer[]; last: Buffer[] } {
  const { text: texts = [], thinking = [], calls = [], usage } = answer;
  const input = usage && {
    input_tokens: usage.input - usage.cacheRead - (usage.cacheWrite ?? 0),
    cache_read_input_tokens: usage.cacheRead,
    cache_creation_input_tokens: usage.cacheWrite ?? 0,
  };
  const spoken = [
    start(input && { ...input, output_tokens: 1 }),
    event({ type: 'ping' }),
    ...(thinking.length > 0 ? thought(0, thinking, 'c2lnbmF0dXJl') : []),
    ...(texts.length > 0 ? said(1, texts) : []),
    ...calls.flatMap((call, at) => called(at + 2, `toolu_${at}`, call.name, call.arguments)),
  ];
  const stop = { end: 'end_turn', tools: 'tool_use', length: 'max_tokens', refused: 'refusal' }[answer.stop ?? 'end'];
  return { spoken, last: ending(stop, usage && { ...input, output_tokens: usage.output }) };
}

export const staged: StagedService = {
  modelAt: (url, patience) =>
    messagesModel(accessTo(url, { name: 'anthropic', key: 'sk-ant-test', ...patience }), { id: OLDER }),
  frames: framesOf,
  error: event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
  garbage: Buffer.from('event: content_block_delta\ndata: {"type": oops\n\n'),
  refusals,
};

export interface Body {
  readonly [field: string]: unknown;
  readonly messages: readonly { readonly role: string; readonly content: readonly Record<string, unknown>[] }[];
}

export const fine = streamed(start(), ...said(0, ['Well.']), ...ending('end_turn'));

/** Asks models with what the service replies. */
export async function asked(
  replies: readonly Reply[],
  requests: readonly ModelRequest[],
  id = OLDER,
  more: Partial<ProviderAccess> = {},
): Promise<{ heard: Heard[]; bodies: Body[]; service: ModelService }> {
  await using service = await startService(replies);
  const access = { ...accessTo(service.url, { name: 'anthropic', key: 'sk-ant-test' }), ...more };
  const model = messagesModel(access, { id, output: 64_000 });
  const heard: Heard[] = [];
  for (const request of requests) heard.push(await hear(model, request));
  return { heard, bodies: service.asked.map(({ json }) => json as unknown as Body), service };
}
