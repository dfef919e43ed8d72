import type { FaultCode } from '../base/fault-table.ts';
import type { Message, ToolCall } from './message.ts';
import type { JsonSchema } from '../actions/action.ts';

/** A tool as a model sees it. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
}

export interface ModelRequest {
  /** Everything that stands before the history and does not vary from turn to turn. */
  readonly system: string;
  /** In an order that stays, byte-stable. */
  readonly tools: readonly ToolSpec[];
  /** Ends with a user message or with tool results. */
  readonly messages: readonly Message[];
  /** What varies per turn (time, memories). The provider places it after the history, where it breaks no cached prefix. */
  readonly tail: string;
  /** The bot that asks (slug or id), for providers where a bot may have a key of its own. */
  readonly bot?: string;
  readonly temperature?: number;
  readonly maxTokens?: number;
  /** The answer has to be a call: of any tool, or of this one. The model decides when absent. */
  readonly toolChoice?: 'required' | { readonly name: string };
}

/** Tokens. `input` includes what was read from or written to a cache. Null where the provider is silent. */
export interface Usage {
  readonly input: number | null;
  readonly output: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
}

export const unknownUsage: Usage = { input: null, output: null, cacheRead: null, cacheWrite: null };

export type StopReason = 'end' | 'tools' | 'length' | 'refused' | 'aborted' | 'error';

/** Why a stream ended in `stop: 'error'`. */
export interface ModelFailure {
  readonly code: FaultCode;
  /** One sentence for people: what happened, why, what to do. No secrets. */
  readonly message: string;
  readonly kind: 'connection' | 'timeout' | 'overload' | 'auth' | 'invalid' | 'context' | 'garbage' | 'server';
  readonly retryAfterMs?: number;
}

/**
 * One piece of a model's answer. Any number of text, thinking and call parts, perhaps usage, then exactly one `end`.
 * A stream never throws: failure is its end.
 */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'call'; readonly call: ToolCall }
  | { readonly type: 'usage'; readonly usage: Usage }
  | {
      readonly type: 'end';
      readonly stop: StopReason;
      readonly failure?: ModelFailure;
      /** Kept with the message and given back to the same provider. */
      readonly extra?: Readonly<Record<string, unknown>>;
    };

/** A model that can be called. Providers add these to the registry of the service `models`. */
export interface Model {
  /** As people write it in bot.yaml: `gpt-5-mini`, `demo`. */
  readonly id: string;
  /** Name of the provider: `openai`, `demo`, or the name given in providers.yaml. */
  readonly provider: string;
  /** Tokens of input and output together; undefined when unknown. */
  readonly window?: number;
  readonly abilities: { readonly tools: boolean; readonly images: boolean };
  /** Starts at once; ends with `stop: 'aborted'` within 100 ms of the signal. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<Part>;
}
