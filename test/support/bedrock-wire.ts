import { EventStreamCodec } from '@smithy/eventstream-codec';
import type { ModelRequest } from 'boternity';
import type { ServiceAnswer } from '../../core/testing.ts';
import { converseModel } from '../../plugins/bedrock/converse.ts';
import { accessTo, type AccessOptions } from './access.ts';
import { hear, type Heard } from './hear.ts';
import { later, startService, type Asked, type Refusals, type Reply, type StagedService } from './model-service.ts';

export const CLAUDE = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
);

function frameOf(headers: Readonly<Record<string, string>>, payload: unknown): Buffer {
  const written = Object.entries({ ':content-type': 'application/json', ...headers }).map(
    ([name, value]) => [name, { type: 'string', value }] as const,
  );
  return Buffer.from(
    codec.encode({ headers: Object.fromEntries(written), body: Buffer.from(JSON.stringify(payload)) }),
  );
}

/** An event of the stream as it travels. */
export function event(type: string, value: object): Buffer {
  return frameOf({ ':message-type': 'event', ':event-type': type }, value);
}

export function exception(type: string, message: string): Buffer {
  return frameOf({ ':message-type': 'exception', ':exception-type': type }, { message });
}

/** Lines of a recording, `{"messageStart": {…}}` each, as they travel. */
export function framed(lines: readonly string[]): Buffer {
  const events = lines.flatMap((line) => Object.entries(JSON.parse(line) as Record<string, object>));
  return Buffer.concat(events.map(([type, value]) => event(type, value)));
}

export const start = event('messageStart', { role: 'assistant' });

export function delta(index: number, value: object): Buffer {
  return event('contentBlockDelta', { contentBlockIndex: index, delta: value });
}

export function said(index: number, pieces: readonly string[]): Buffer[] {
  return [...pieces.map((text) => delta(index, { text })), event('contentBlockStop', { contentBlockIndex: index })];
}

export function called(index: number, toolUseId: string, name: string, input: object): Buffer[] {
  const json = JSON.stringify(input);
  const half = Math.ceil(json.length / 2);
  const pieces = json === '{}' ? [] : [json.slice(0, half), json.slice(half)];
  return [
    event('contentBlockStart', { contentBlockIndex: index, start: { toolUse: { toolUseId, name } } }),
    ...pieces.map((piece) => delta(index, { toolUse: { input: piece } })),
    event('contentBlockStop', { contentBlockIndex: index }),
  ];
}

export function ending(stopReason: string, usage?: object): Buffer[] {
  const metadata = usage && [event('metadata', { usage, metrics: { latencyMs: 12 } })];
  return [event('messageStop', { stopReason }), ...(metadata ?? [])];
}

const headers = { 'content-type': 'application/vnd.amazon.eventstream' };

export function streamed(...events: readonly Buffer[]): Reply {
  return { headers, frames: events };
}

export function refused(status: number, type: string, message: string, rest: Record<string, string> = {}): Reply {
  return { status, headers: { 'x-amzn-errortype': type, ...rest }, json: { message } };
}

const refusals: Refusals = {
  key: refused(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
  rate: refused(429, 'ThrottlingException', 'Too many requests, please wait before trying again.', later),
  failure: refused(500, 'InternalServerException', 'The system encountered an unexpected error.'),
  invalid: refused(400, 'ValidationException', 'A conversation must start with a user message.'),
  overload: refused(503, 'ServiceUnavailableException', 'Bedrock is unable to process your request.'),
  context: refused(400, 'ValidationException', 'Input is too long for requested model.'),
};

const stops = { end: 'end_turn', tools: 'tool_use', length: 'max_tokens', refused: 'content_filtered' } as const;

/** The contract's words in Converse. */
function framesOf(answer: ServiceAnswer): { spoken: Buffer[]; last: Buffer[] } {
  const { text = [], thinking = [], calls = [], usage } = answer;
  const spoken = [
    start,
    ...thinking.map((piece) => delta(0, { reasoningContent: { text: piece } })),
    ...(thinking.length > 0 ? [delta(0, { reasoningContent: { signature: 'c2lnbmF0dXJl' } })] : []),
    ...(text.length > 0 ? said(1, text) : []),
    ...calls.flatMap((call, at) => called(at + 2, `tooluse_${at}`, call.name, call.arguments)),
  ];
  const told = usage && {
    inputTokens: usage.input - usage.cacheRead - (usage.cacheWrite ?? 0),
    outputTokens: usage.output,
    totalTokens: usage.input + usage.output,
    cacheReadInputTokens: usage.cacheRead,
    cacheWriteInputTokens: usage.cacheWrite ?? 0,
  };
  return { spoken, last: ending(stops[answer.stop ?? 'end'], told) };
}

/** A whole frame, one bit of which is wrong. */
function spoilt(): Buffer {
  const frame = delta(1, { text: 'wrong' });
  frame[frame.length - 8] = (frame[frame.length - 8] ?? 0) ^ 1;
  return frame;
}

export const staged: StagedService = {
  modelAt: (url, patience) =>
    converseModel(accessTo(url, { name: 'bedrock', key: 'bedrock-key', ...patience }), { id: CLAUDE }),
  frames: framesOf,
  error: exception('modelStreamErrorException', 'The model failed while it answered.'),
  garbage: spoilt(),
  refusals,
  headers,
};

export interface Body {
  readonly [field: string]: unknown;
  readonly messages: readonly { readonly role: string; readonly content: readonly Record<string, unknown>[] }[];
}

export const fine = streamed(start, ...said(0, ['Well.']), ...ending('end_turn'));

/** Asks a model with what the service replies. */
export async function asked(
  replies: readonly Reply[],
  requests: readonly ModelRequest[],
  id = CLAUDE,
  options: AccessOptions = { key: 'bedrock-key' },
): Promise<{ heard: Heard[]; bodies: Body[]; received: readonly Asked[] }> {
  await using service = await startService(replies);
  const model = converseModel(accessTo(service.url, { name: 'bedrock', ...options }), { id, output: 64_000 });
  const heard: Heard[] = [];
  for (const request of requests) heard.push(await hear(model, request));
  return { heard, bodies: service.asked.map(({ json }) => json as unknown as Body), received: service.asked };
}
