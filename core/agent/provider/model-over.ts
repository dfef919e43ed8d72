import type { Model, ModelFacts, ModelFailure, ModelRequest, Part, StopReason, Usage } from '../model.ts';
import type { ToolCall } from '../message.ts';
import { Deadline, unlessAborted } from './deadline.ts';
import { brokenOff, failureFrom, failureOf, garbage, silence } from './failure.ts';
import { serviceOf, type ProviderAccess, type Service } from './service.ts';

/** Gathers the chunks of one answer. Whatever it does not know, it ignores. */
export interface AnswerReader {
  /** What a chunk adds to the answer: text and thinking. Throws what the service reports as an error. */
  take(chunk: unknown): readonly Part[];
  /** Whether anything came that belongs to the protocol. */
  readonly isBegun: boolean;
  /** Whether the service said why it stopped. */
  readonly isFinished: boolean;
  readonly stop: StopReason;
  readonly usage: Usage | undefined;
  /** What the service reported as an error together with content, in the form in which `take` would have thrown it. */
  readonly error?: unknown;
  /** What was held back until it was clear what it is. Asked once, when the stream ended. */
  rest?(): readonly Part[];
  /** The calls, whole and in order. Ids are those of the service where they are free. */
  calls(isTaken: (id: string) => boolean): ToolCall[];
  /** What the same provider wants to see again with this answer. Asked after `calls`. */
  extra?(calls: readonly ToolCall[]): unknown;
}

/** The chunks of an answer, whatever they are in its protocol. */
export interface OpenedStream {
  /** One by one, or as many at a time as came together where they are batches. */
  readonly chunks: AsyncIterable<unknown>;
  readonly areBatches?: boolean;
  /** Whether the service said by other means than a chunk that it is done. */
  isDone?(): boolean;
}

/** How a service is spoken with. */
export interface Protocol {
  /** Sends a request. Rejects with what the service refused, and soon after the signal. */
  open(service: Service, request: ModelRequest, signal: AbortSignal): Promise<OpenedStream>;
  answer(service: Service, request: ModelRequest): AnswerReader;
}

/**
 * A model over a protocol: keys, silences, failures, aborts and the end of the stream are the same for all of them. What a provider
 * wants to see again travels under its name.
 */
export function modelOver(access: ProviderAccess, facts: ModelFacts, protocol: Protocol): Model {
  return {
    ...facts,
    provider: access.name,
    abilities: { tools: true, images: true, ...facts.abilities },
    stream(request, signal) {
      const deadline = new Deadline(signal, access.limits);
      const opening = open(access, facts.id, protocol, request, deadline.signal);
      opening.catch(() => undefined);
      return read({ access, request, signal, deadline, opening, protocol });
    },
  };
}

interface Call {
  readonly access: ProviderAccess;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly deadline: Deadline;
  readonly protocol: Protocol;
  readonly opening: Promise<OpenedStream & { readonly service: Service }>;
}

async function open(
  access: ProviderAccess,
  model: string,
  protocol: Protocol,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<OpenedStream & { readonly service: Service }> {
  const key = await unlessAborted(access.key(request.bot), signal);
  const service = serviceOf(access, model, key?.trim() || undefined);
  try {
    return { ...(await unlessAborted(protocol.open(service, request, signal), signal)), service };
  } catch (error) {
    throw new Refused(service, error);
  }
}

/** What a service refused, with the key that must not be repeated. */
class Refused {
  readonly service: Service;
  readonly cause: unknown;

  constructor(service: Service, cause: unknown) {
    this.service = service;
    this.cause = cause;
  }
}

async function* read(call: Call): AsyncGenerator<Part, void, undefined> {
  let service = serviceOf(call.access, '', undefined);
  let answer = call.protocol.answer(service, call.request);
  let failure: ModelFailure | undefined;
  using deadline = call.deadline;
  try {
    const opened = await call.opening;
    ({ service } = opened);
    answer = call.protocol.answer(service, call.request);
    for await (const piece of opened.chunks) {
      deadline.heard();
      const batch = opened.areBatches === true ? (piece as Iterable<unknown>) : [piece];
      for (const chunk of batch) for (const part of answer.take(chunk)) yield part;
      deadline.wait();
    }
    failure = incomplete(service, answer, opened);
  } catch (error) {
    const { service: refusing, cause } = error instanceof Refused ? error : { service, cause: error };
    failure = failureFrom(refusing, cause, answer.isBegun);
  }
  if (deadline.silentMs !== undefined) failure = silence(service, deadline.silentMs);
  yield* ending(call, answer, failure);
}

/** The answer is whole when the service said why it stopped, or that it is done. */
function incomplete(service: Service, answer: AnswerReader, opened: OpenedStream): ModelFailure | undefined {
  if (answer.error !== undefined) return failureFrom(service, answer.error, true);
  if (answer.stop === 'error')
    return failureOf('server', `${service.provider} ended the answer with an error. Try again.`);
  if (!answer.isBegun) return garbage(service, false);
  return answer.isFinished || opened.isDone?.() === true ? undefined : brokenOff(service);
}

function* ending(call: Call, answer: AnswerReader, failure: ModelFailure | undefined): Generator<Part> {
  yield* answer.rest?.() ?? [];
  const stop: StopReason = call.signal.aborted ? 'aborted' : failure ? 'error' : answer.stop;
  const isWhole = stop !== 'aborted' && stop !== 'error';
  const calls = isWhole ? answer.calls((id) => isTaken(call.request, id)) : [];
  for (const each of calls) yield { type: 'call', call: each };
  if (answer.usage) yield { type: 'usage', usage: answer.usage };
  const own = isWhole ? answer.extra?.(calls) : undefined;
  const extra = own === undefined ? undefined : { [call.access.name]: own };
  yield { type: 'end', stop, ...(stop === 'error' && failure && { failure }), ...(extra && { extra }) };
}

/** Services count their calls from anew in every answer; within a conversation an id must not return. */
function isTaken(request: ModelRequest, id: string): boolean {
  return request.messages.some(
    (message) => message.role === 'assistant' && (message.calls?.some((call) => call.id === id) ?? false),
  );
}
