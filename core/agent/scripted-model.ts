import { setTimeout as sleep } from 'node:timers/promises';
import { unknownUsage, type Model, type ModelFailure, type ModelRequest, type Part, type Usage } from './model.ts';
import type { StopReason } from './model.ts';

export interface ScriptedCall {
  readonly name: string;
  /** JSON text, perhaps broken, or a value that is written as JSON. */
  readonly arguments?: unknown;
  /** Made from the numbers of request and call when absent. */
  readonly id?: string;
}

export interface ScriptedAnswer {
  /** Comes word by word; a list comes piece by piece. */
  readonly text?: string | readonly string[];
  readonly thinking?: string;
  readonly calls?: readonly ScriptedCall[];
  /** By default `error` with a failure, `tools` with calls, else `end`. */
  readonly stop?: StopReason;
  readonly failure?: ModelFailure;
  /** Pause before each part. */
  readonly delayMs?: number;
  readonly usage?: Partial<Usage>;
}

/** One answer: text alone, all its parts, or a function that makes it from the request. */
export type ScriptedStep = string | ScriptedAnswer | ((request: ModelRequest) => string | ScriptedAnswer);

export interface ScriptedModel extends Model {
  /** Every request so far, oldest first. */
  readonly requests: readonly ModelRequest[];
}

export type ScriptedModelOptions = Partial<Pick<Model, 'id' | 'provider' | 'window' | 'abilities'>>;

/**
 * A model that answers from a list, one step per request. With the list used up, and when a step throws, the answer is a
 * failure that says so.
 */
export function scriptedModel(steps: Iterable<ScriptedStep>, options: ScriptedModelOptions = {}): ScriptedModel {
  const script = [...steps];
  const requests: ModelRequest[] = [];
  return {
    id: 'scripted',
    provider: 'scripted',
    abilities: { tools: true, images: true },
    ...options,
    requests,
    stream(request, signal) {
      requests.push(request);
      const number = requests.length;
      return play(answerFor(script, number, request), number, signal);
    },
  };
}

function answerFor(script: readonly ScriptedStep[], number: number, request: ModelRequest): ScriptedAnswer {
  const step = script[number - 1];
  if (step === undefined)
    return failed(`Request ${number} has no answer: the script ends after step ${script.length}.`);
  try {
    const answer = typeof step === 'function' ? step(request) : step;
    return typeof answer === 'string' ? { text: answer } : answer;
  } catch (error) {
    return failed(`Step ${number} of the script threw: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function failed(message: string): ScriptedAnswer {
  return { failure: { code: 'MODEL_FAILED', kind: 'invalid', message } };
}

async function* play(answer: ScriptedAnswer, number: number, signal: AbortSignal): AsyncGenerator<Part> {
  for (const part of partsOf(answer, number)) {
    if (answer.delayMs) await sleep(answer.delayMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) {
      yield { type: 'end', stop: 'aborted' };
      return;
    }
    yield part;
  }
}

function* partsOf(answer: ScriptedAnswer, number: number): Generator<Part, void, undefined> {
  const { text = '', thinking = '', calls = [], usage, failure } = answer;
  const pieces = typeof text === 'string' ? words(text) : text;
  for (const piece of words(thinking)) yield { type: 'thinking', text: piece };
  for (const piece of pieces) yield { type: 'text', text: piece };
  for (const [index, { id, name, arguments: input = {} }] of calls.entries()) {
    const written = typeof input === 'string' ? input : JSON.stringify(input);
    yield { type: 'call', call: { id: id ?? `call_${number}_${index}`, name, arguments: written } };
  }
  if (usage) yield { type: 'usage', usage: { ...unknownUsage, ...usage } };
  const stop = answer.stop ?? (failure ? 'error' : calls.length > 0 ? 'tools' : 'end');
  yield { type: 'end', stop, ...(failure && { failure }) };
}

function words(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}
