import type { Model, ModelFailure, ModelRequest, Part, StopReason } from 'boternity';
import type OpenAI from 'openai';
import { Answer } from './answer.ts';
import { clientFor } from './client.ts';
import { Deadline, type DeadlineLimits } from './deadline.ts';
import { brokenOff, failureFrom, failureOf, garbage, silence } from './failure.ts';
import { requestBody, type Refusable } from './request.ts';
import type { Service } from './service.ts';
import { wasLeft } from './transport.ts';
import { fieldsOf, numberOf, textOf } from './unknown.ts';

export interface OpenAiCompatibleOptions {
  /** Id of the model, as the service knows it. */
  readonly id: string;
  readonly provider: string;
  /** Base address with its version: `https://api.openai.com/v1`. */
  readonly address: string;
  /** Absent for services that want none; a function finds it for the bot that asks, and may throw a fault that says why it cannot. */
  readonly key?: string | ((bot: string | undefined) => Promise<string | undefined>);
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly window?: number | undefined;
  readonly abilities?: Partial<Model['abilities']>;
  /** Longest silence before the first chunk. */
  readonly firstTokenTimeoutMs?: number;
  /** Longest silence between two chunks. */
  readonly idleTimeoutMs?: number;
}

interface Call {
  readonly service: Service;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly deadline: Deadline;
  readonly opening: Promise<Opened>;
}

/** The SDK's stream, whose chunks nobody has checked, and the answer it comes from. */
interface Opened {
  readonly data: AsyncIterable<unknown>;
  readonly response: Response;
}

/**
 * A model behind any server that speaks OpenAI's Chat Completions. Reads the SDK's raw chunks with an accumulator of its own, so
 * that what real services add, leave out or number differently does no harm.
 */
export function createOpenAiCompatibleModel(options: OpenAiCompatibleOptions): Model {
  const { id, provider, address, key, window, abilities } = options;
  const service: Service = { provider, model: id, address, headers: options.headers ?? {}, key: undefined };
  const findKey = typeof key === 'function' ? key : async () => key;
  const limits: DeadlineLimits = {
    firstMs: options.firstTokenTimeoutMs ?? 60_000,
    idleMs: options.idleTimeoutMs ?? 120_000,
  };
  const open = opener(service, findKey);
  return {
    id,
    provider,
    ...(window !== undefined && { window }),
    abilities: { tools: true, images: true, ...abilities },
    stream(request, signal) {
      const deadline = new Deadline(signal, limits);
      const opening = open(request, deadline.signal);
      opening.catch(() => undefined);
      return read({ service, request, signal, deadline, opening });
    },
  };
}

/** Opens streams. A model that refuses `stream_options` or a temperature is asked without, from then on. */
function opener(
  service: Service,
  findKey: (bot: string | undefined) => Promise<string | undefined>,
): (request: ModelRequest, signal: AbortSignal) => Promise<Opened> {
  const without = new Set<Refusable>();
  return async function open(request, signal): Promise<Opened> {
    const key = await unlessAborted(findKey(request.bot), signal);
    service.key = key?.trim() || undefined;
    const client = await unlessAborted(clientFor({ ...service }), signal);
    for (;;) {
      try {
        return await create(client, requestBody(service, request, without), signal);
      } catch (error) {
        const refused = refusedBy(error).find((field) => !without.has(field));
        if (refused === undefined) throw error;
        without.add(refused);
      }
    }
  };
}

function create(
  client: OpenAI,
  body: OpenAI.ChatCompletionCreateParamsStreaming,
  signal: AbortSignal,
): Promise<Opened> {
  return client.chat.completions.create(body, { signal }).withResponse();
}

async function* read(call: Call): AsyncGenerator<Part, void, undefined> {
  const answer = new Answer();
  let failure: ModelFailure | undefined;
  using deadline = call.deadline;
  try {
    const { data, response } = await call.opening;
    for await (const chunk of data) {
      deadline.heard();
      for (const part of answer.take(chunk)) yield part;
      deadline.wait();
    }
    failure = incomplete(call.service, answer, response);
  } catch (error) {
    failure = failureFrom(call.service, error, answer.isBegun);
  }
  if (deadline.silentMs !== undefined) failure = silence(call.service, deadline.silentMs);
  yield* ending(call, answer, failure);
}

/** The answer is whole when the service said why it stopped, or said `[DONE]`. */
function incomplete(service: Service, answer: Answer, response: Response): ModelFailure | undefined {
  if (answer.stop === 'error')
    return failureOf('server', `${service.provider} ended the answer with an error. Try again.`);
  if (!answer.isBegun) return garbage(service, false);
  return answer.isFinished || wasLeft(response) ? undefined : brokenOff(service);
}

function* ending(call: Call, answer: Answer, failure: ModelFailure | undefined): Generator<Part> {
  const stop: StopReason = call.signal.aborted ? 'aborted' : failure ? 'error' : answer.stop;
  const isWhole = stop !== 'aborted' && stop !== 'error';
  const calls = isWhole ? answer.calls((id) => isTaken(call.request, id)) : [];
  for (const each of calls) yield { type: 'call', call: each };
  if (answer.usage) yield { type: 'usage', usage: answer.usage };
  const field = calls.length > 0 ? answer.thinkingField : undefined;
  const extra = field && { [call.service.provider]: { [field]: answer.thinking } };
  yield { type: 'end', stop, ...(stop === 'error' && failure && { failure }), ...(extra && { extra }) };
}

/** Services count their calls from anew in every answer; within a conversation an id must not return. */
function isTaken(request: ModelRequest, id: string): boolean {
  return request.messages.some(
    (message) => message.role === 'assistant' && (message.calls?.some((call) => call.id === id) ?? false),
  );
}

/** Fields of the body that a service says it does not take: old services know no usage, models that think know no temperature. */
function refusedBy(error: unknown): Refusable[] {
  const { status, error: body } = fieldsOf(error);
  if (numberOf(status) !== 400 && numberOf(status) !== 422) return [];
  const words = JSON.stringify(body) ?? textOf(fieldsOf(error).message);
  return [
    ...(/stream_options|include_usage/.test(words) ? (['stream_options'] as const) : []),
    ...(/\btemperature\b/.test(words) ? (['temperature'] as const) : []),
  ];
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new Error('aborted'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', stop));
}
