import type { Content, Message, ToolCall } from './message.ts';
import {
  unknownUsage,
  type Model,
  type ModelFailure,
  type ModelRequest,
  type Part,
  type StopReason,
  type Usage,
} from './model.ts';

/** What a tool gave back. `content` goes to the model, `details` only to people. */
export interface ToolResult {
  readonly content: readonly Content[];
  readonly details?: unknown;
  readonly isError: boolean;
}

/** Runs one call; failures are results, so it never throws but for an abort. */
export type ToolRunner = (call: ToolCall, signal: AbortSignal) => Promise<ToolResult>;

export interface TurnLimits {
  /** Model calls in one turn. */
  readonly steps: number;
  /** Tool calls in one turn. */
  readonly calls: number;
}

export const defaultLimits: TurnLimits = { steps: 10, calls: 20 };

/** What one model call came to. */
export interface Step {
  readonly message: Extract<Message, { role: 'assistant' }>;
  readonly stop: StopReason;
  readonly usage: Usage;
  readonly failure?: ModelFailure;
  /** Names of calls that were left out because of the limit, at most ten, and how many there were. */
  readonly omitted?: { readonly total: number; readonly names: readonly string[] };
}

/** What happens in a turn, in order. A turn never throws: failure is its end. */
export type TurnFact =
  | { readonly type: 'step.started'; readonly step: number }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'step.finished'; readonly result: Step }
  | { readonly type: 'tool.finished'; readonly call: ToolCall; readonly result: ToolResult }
  | { readonly type: 'turn.finished'; readonly stop: StopReason | 'steps'; readonly failure?: ModelFailure };

export interface TurnOptions {
  readonly model: Model;
  /** The first request; later ones append the answers and results. */
  readonly request: ModelRequest;
  readonly runTool: ToolRunner;
  readonly limits?: TurnLimits;
  readonly signal: AbortSignal;
  /** How a model is called; layers go around it. */
  readonly call?: (model: Model, request: ModelRequest, signal: AbortSignal) => AsyncIterable<Part>;
}

/** One turn: calls the model, runs the tools it asks for side by side, and goes on until it asks for none. */
export async function* runTurn(options: TurnOptions): AsyncGenerator<TurnFact> {
  const { limits = defaultLimits, signal, runTool } = options;
  const messages = [...options.request.messages];
  let callsLeft = limits.calls;
  for (let step = 1; step <= limits.steps; step += 1) {
    yield { type: 'step.started', step };
    const answered: Step = yield* runStep(options, { ...options.request, messages: [...messages] }, callsLeft);
    yield { type: 'step.finished', result: answered };
    const { message, stop, failure } = answered;
    const calls = message.calls ?? [];
    if (stop !== 'tools' || calls.length === 0) {
      yield { type: 'turn.finished', stop, ...(failure && { failure }) };
      return;
    }
    callsLeft -= calls.length;
    const results = new Map<string, ToolResult>();
    for await (const [call, result] of asTheyFinish(calls, (call) => orStopped(runTool(call, signal), signal))) {
      results.set(call.id, result);
      yield { type: 'tool.finished', call, result };
    }
    if (signal.aborted) {
      yield { type: 'turn.finished', stop: 'aborted' };
      return;
    }
    messages.push(message, ...calls.map((call) => toMessage(call, results.get(call.id))));
  }
  yield { type: 'turn.finished', stop: 'steps' };
}

async function* runStep(
  options: TurnOptions,
  request: ModelRequest,
  callsLeft: number,
): AsyncGenerator<TurnFact, Step> {
  const { model, signal, call = (model, request, signal) => model.stream(request, signal) } = options;
  const calls: ToolCall[] = [];
  let text = '';
  let thinking = '';
  let usage = unknownUsage;
  let end: Extract<Part, { type: 'end' }> = { type: 'end', stop: 'error', failure: brokenOff };
  for await (const part of call(model, request, signal)) {
    switch (part.type) {
      case 'text':
        text += part.text;
        yield part;
        break;
      case 'thinking':
        thinking += part.text;
        yield part;
        break;
      case 'call':
        calls.push(part.call);
        break;
      case 'usage':
        usage = part.usage;
        break;
      case 'end':
        end = part;
        break;
    }
  }
  const kept = calls.slice(0, Math.max(0, callsLeft));
  const left = calls.slice(kept.length);
  return {
    message: {
      role: 'assistant',
      text,
      ...(thinking !== '' && { thinking }),
      ...(kept.length > 0 && { calls: kept }),
      ...(end.extra && { extra: end.extra }),
    },
    stop: end.stop === 'end' && kept.length > 0 ? 'tools' : end.stop,
    usage,
    ...(end.failure && { failure: end.failure }),
    ...(left.length > 0 && {
      omitted: { total: left.length, names: left.slice(0, 10).map((omitted) => omitted.name) },
    }),
  };
}

const brokenOff: ModelFailure = {
  code: 'MODEL_FAILED',
  kind: 'garbage',
  message: 'The answer ended without saying that it was complete. Try again.',
};

async function* asTheyFinish<T, R>(items: readonly T[], work: (item: T) => Promise<R>): AsyncGenerator<[T, R]> {
  const running = new Map(items.map((item) => [item, work(item).then((result): [T, R] => [item, result])]));
  while (running.size > 0) {
    const done = await Promise.race(running.values());
    running.delete(done[0]);
    yield done;
  }
}

/** A tool that does not heed the signal is not waited for. */
function orStopped(result: Promise<ToolResult>, signal: AbortSignal): Promise<ToolResult> {
  const stopped: ToolResult = { content: [{ type: 'text', text: 'Stopped before it was finished.' }], isError: true };
  const { promise, resolve } = Promise.withResolvers<ToolResult>();
  const stop = (): void => resolve(stopped);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([result, promise]).finally(() => signal.removeEventListener('abort', stop));
}

function toMessage(call: ToolCall, result: ToolResult | undefined): Message {
  return {
    role: 'tool',
    callId: call.id,
    name: call.name,
    content: result?.content ?? [{ type: 'text', text: 'The call gave no result.' }],
    isError: result?.isError ?? true,
  };
}
