import { text, type Message, type ToolCall } from './message.ts';
import type { Model, ModelFailure, ModelRequest, Part, StopReason, Usage } from './model.ts';

/** What the service behind a provider shall answer to one request, in words that every protocol can express. */
export interface ServiceAnswer {
  /** Each piece is an event of its own. */
  readonly text?: readonly string[];
  readonly thinking?: readonly string[];
  readonly calls?: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[];
  readonly stop?: Exclude<StopReason, 'aborted' | 'error'>;
  readonly usage?: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite?: number;
  };
  /** Refuses instead, with the status and words that the service uses for this. */
  readonly refusal?: 'key' | 'rate' | 'failure' | 'context' | 'invalid' | 'overload';
  /**
   * What goes wrong after the text: the connection is cut, something unreadable comes, nothing comes any more, or the service
   * reports an error of its own, that it is overloaded or out of order, in the form that it has for this inside a stream.
   */
  readonly trouble?: 'cut' | 'garbage' | 'silence' | 'error';
  /** Sends the bytes one by one. */
  readonly isTrickled?: boolean;
}

/** A service that plays answers, and a model that talks to it over a real connection. */
export interface ProviderStage extends AsyncDisposable {
  readonly model: Model;
  /** Bodies that the service received, byte for byte, oldest first. */
  requests(): readonly string[];
}

export interface StageOptions {
  /** One per request, in order. */
  readonly answers: readonly ServiceAnswer[];
  /** Longest silence that the model shall bear, before the first token and between two. */
  readonly patienceMs: number;
}

export interface ProviderUnderTest {
  stage(options: StageOptions): Promise<ProviderStage>;
  /** What the protocol cannot express. Checks of it are left out. */
  readonly lacks?: readonly Lack[];
  /** What stands in a request that marks where a cache may end: `cache_control`. Absent where the service finds that by itself. */
  readonly cacheMark?: string;
}

/**
 * `cacheRead`, `cacheWrite`: its usage does not tell them. `schema`: it takes none. `stop`: it takes no stop sequences. `limits`: it takes no limit of length and no temperature.
 * `toolImages`: results of tools are text alone; an image is told of in words. `tools`: it takes none of ours.
 * `callIds`: a result stands with its call, and neither has an id. `usage`: nobody tells it, the provider counts. A refusal or a trouble: it cannot come.
 */
export type Lack =
  | 'thinking'
  | 'refused'
  | 'cacheRead'
  | 'cacheWrite'
  | 'images'
  | 'tools'
  | 'toolImages'
  | 'callIds'
  | 'usage'
  | 'stop'
  | 'schema'
  | 'limits'
  | NonNullable<ServiceAnswer['refusal'] | ServiceAnswer['trouble']>;

/** Seconds to wait that a service tells with a refusal for `rate`. */
export const RETRY_AFTER_SECONDS = 7;

export const LONG_MS = 10_000;
export const SHORT_MS = 250;

export async function askOnce(
  provider: ProviderUnderTest,
  answer: ServiceAnswer,
  patienceMs = LONG_MS,
): Promise<Heard> {
  await using stage = await provider.stage({ answers: [answer], patienceMs });
  return await listen(stage.model, request([user('Hello')]));
}

/** A whole answer, gathered. */
export interface Heard {
  readonly parts: readonly Part[];
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly ToolCall[];
  readonly usage: Usage | undefined;
  readonly stop: StopReason;
  readonly failure: ModelFailure | undefined;
}

/** Reads an answer to its end. Throws when the stream does, or when it has not exactly one `end`, as its last part. */
export async function listen(
  model: Model,
  asked: ModelRequest,
  signal: AbortSignal = new AbortController().signal,
  onPart: (part: Part) => void = () => undefined,
): Promise<Heard> {
  const parts: Part[] = [];
  for await (const part of model.stream(asked, signal)) {
    parts.push(part);
    onPart(part);
  }
  const ends = parts.filter((part) => part.type === 'end');
  const [end] = ends;
  if (!end || ends.length > 1 || parts.at(-1) !== end) {
    throw new Error(`An answer has one end, as its last part. This one: ${parts.map((part) => part.type).join(' ')}`);
  }
  return {
    parts,
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    thinking: parts.map((part) => (part.type === 'thinking' ? part.text : '')).join(''),
    calls: parts.flatMap((part) => (part.type === 'call' ? [part.call] : [])),
    usage: parts.find((part) => part.type === 'usage')?.usage,
    stop: end.stop,
    failure: end.failure,
  };
}

export function request(messages: readonly Message[], tail = ''): ModelRequest {
  const parameters = { type: 'object', properties: {} };
  return {
    system: '<soul>\nYou are Ada.\n</soul>',
    tools: [
      { name: 'bots_list', description: 'Lists the bots.', parameters },
      { name: 'time_now', description: 'Tells the time.', parameters },
    ],
    messages,
    tail,
  };
}

export function user(words: string): Message {
  return { role: 'user', content: [text(words)] };
}

export function assistant(words: string, calls?: readonly ToolCall[]): Message {
  return { role: 'assistant', text: words, ...(calls && { calls }) };
}
