import type { Notice } from '../bots/brought.ts';
import type { Content, Message, ToolCall } from './message.ts';
import { unknownUsage, type ModelFailure, type Part, type Served, type StopReason, type Usage } from './model.ts';

/** An answer that grows longer, thinking and all, is ended there, in UTF-16 units: some models never end. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

/** What a tool gave back. `content` goes to the model, `details` only to people. */
export interface ToolResult {
  readonly content: readonly Content[];
  readonly details?: unknown;
  readonly isError: boolean;
}

/** What one model call came to. */
export interface Step {
  readonly message: Extract<Message, { role: 'assistant' }>;
  readonly stop: StopReason;
  readonly usage: Usage;
  readonly failure?: ModelFailure;
  /** Names of calls that were left out because of the limit, at most ten, and how many there were. */
  readonly omitted?: { readonly total: number; readonly names: readonly string[] };
}

/** What comes while a model answers. */
export type StepFact =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'served'; readonly served: Served }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'step.finished'; readonly result: Step };

/** One call of a model, read to its end: the pieces of its answer, then what it came to. Never throws: failure is its end. */
export async function* runStep(parts: AsyncIterable<Part>, callsLeft: number): AsyncGenerator<StepFact> {
  const calls: ToolCall[] = [];
  let text = '';
  let thinking = '';
  let usage = unknownUsage;
  let end: Extract<Part, { type: 'end' }> = { type: 'end', stop: 'error', failure: brokenOff };
  for await (const part of parts) {
    if (text.length + thinking.length > LONGEST_ANSWER) {
      end = { type: 'end', stop: 'length' };
      break;
    }
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
      case 'served':
      case 'notice':
        yield part;
        break;
      case 'end':
        end = part;
        break;
    }
  }
  const kept = calls.slice(0, Math.max(0, callsLeft));
  const left = calls.slice(kept.length);
  const result: Step = {
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
  yield { type: 'step.finished', result };
}

const brokenOff: ModelFailure = {
  code: 'MODEL_FAILED',
  kind: 'garbage',
  message: 'The answer ended without saying that it was complete. Try again.',
};
