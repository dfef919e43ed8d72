import type { FaultCode } from '../base/fault-table.ts';
import type { JsonSchema } from '../actions/action.ts';
import type { Notice } from '../bots/brought.ts';
import type { Message, ToolCall } from './message.ts';
import type { SectionAccount } from './prompt.ts';

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
  /** The answer ends before the first of these that the model writes. */
  readonly stop?: readonly string[];
  /** The answer is JSON of this shape. Objects of the schema are closed and all their fields required. */
  readonly schema?: { readonly name: string; readonly schema: JsonSchema };
  /** How much the model thinks before it answers; as it likes when absent. Models that do not think ignore it. */
  readonly thinking?: 'off' | 'low' | 'medium' | 'high';
  /** What the call is for. Never sent; it stands in usage and traces. */
  readonly about?: CallPurpose;
}

/** What a call of a model is for. */
export interface CallPurpose {
  readonly purpose: 'chat' | 'title' | 'summary' | 'repair' | 'translation' | 'extraction' | 'embedding' | 'check';
  readonly conversation?: string;
  /** Id of the turn that it belongs to. */
  readonly turn?: string;
  /** Id of the answer that it makes: the run. */
  readonly run?: string;
  /** What stands in the prompt, by hash, never the text. */
  readonly prompt?: readonly SectionAccount[];
  /** Tools whose results it is given for the first time. */
  readonly tools?: readonly ToolOutcome[];
  /** Estimated tokens of the prompt before and after older messages were summed up or results cut for it. */
  readonly compaction?: { readonly before: number; readonly after: number };
  /** Models that were asked, or passed over, before this one. */
  readonly attempts?: readonly Attempt[];
  /** Memories in the prompt that were found for it. */
  readonly recalled?: number;
}

/** How a call of a tool went. */
export interface ToolOutcome {
  readonly name: string;
  readonly outcome: 'ok' | 'error' | 'denied' | 'stopped';
  /** Null where it never ran. */
  readonly durationMs: number | null;
}

/** Tokens. `input` includes what was read from or written to a cache. Null where the provider is silent. */
export interface Usage {
  readonly input: number | null;
  readonly output: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  /** US dollars. Of a provider only where the service itself says what it took; otherwise the house knows prices. Null where the price or the tokens are unknown. */
  readonly cost?: number | null;
}

export const unknownUsage: Usage = { input: null, output: null, cacheRead: null, cacheWrite: null };

export type StopReason = 'end' | 'tools' | 'length' | 'refused' | 'aborted' | 'error';

/** Why a stream ended in `stop: 'error'`. */
export interface ModelFailure {
  readonly code: FaultCode;
  /** One sentence for people: what happened, why, what to do. No secrets. */
  readonly message: string;
  readonly kind:
    | 'connection'
    | 'timeout'
    | 'overload'
    | 'auth'
    | 'invalid'
    | 'context'
    | 'garbage'
    | 'server'
    | 'limit';
  readonly retryAfterMs?: number;
}

/**
 * One piece of a model's answer. Any number of text, thinking and call parts, perhaps usage, then exactly one `end`.
 * A stream never throws: failure is its end.
 */
export type Part =
  /** Of a chain of models: which of them answers, told before anything else of its answer. */
  | { readonly type: 'served'; readonly served: Served }
  /** What the person should know beside the answer. */
  | { readonly type: 'notice'; readonly notice: Notice }
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

/** Which model answers, and why it is not another. */
export interface Served {
  readonly model: string;
  readonly provider: string;
  /** Those that were asked before it and gave nothing, or were passed over. */
  readonly attempts: readonly Attempt[];
}

/** A model that was asked, or passed over, before another answered. */
export interface Attempt {
  readonly model: string;
  readonly provider: string;
  /** One word: a kind of failure, `open` where its circuit is, `window` or `images` where it cannot take the request. */
  readonly why: ModelFailure['kind'] | 'open' | 'window' | 'images';
  readonly message: string;
}

/** US dollars for a million tokens. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  /** Of input read from a cache; as other input where it is absent. */
  readonly cacheRead?: number;
  /** Of input written to a cache; as other input where it is absent. */
  readonly cacheWrite?: number;
}

/** What a model costs. */
export interface Price extends Rates {
  /** Other rates for the whole request when its input is larger than so many tokens. */
  readonly tiers?: readonly (Rates & { readonly above: number })[];
  /** Who says so, and of when: `catalogue 1.5.2`, `providers.yaml`. */
  readonly source: string;
}

/** What is known of a model without asking it. */
export interface ModelFacts {
  /** As the service knows it, and as people write it in bot.yaml: `gpt-5-mini`. */
  readonly id: string;
  /** Tokens of input and output together; undefined when unknown. */
  readonly window?: number;
  /** Tokens that it can write at most; undefined when unknown. */
  readonly output?: number;
  readonly abilities?: Partial<Abilities>;
  /** Undefined when unknown, which is not the same as free. */
  readonly price?: Price;
}

export interface Abilities {
  readonly tools: boolean;
  readonly images: boolean;
  readonly thinking?: boolean;
}

/** A model that can be called. Providers add these to the registry of the service `models`. */
export interface Model extends ModelFacts {
  /** Name of the provider: `openai`, `demo`, or the name given in providers.yaml. */
  readonly provider: string;
  /** Where several providers serve the same model, the highest is asked first; 0 when absent. */
  readonly priority?: number;
  /** Why it is offered: `OPENAI_API_KEY is there`. */
  readonly because?: string;
  readonly abilities: Abilities;
  /** Starts at once; ends with `stop: 'aborted'` within 100 ms of the signal. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<Part>;
}
