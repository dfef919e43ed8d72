/** A tool call of the mock. Arguments that are no text are written as JSON. */
export interface MockCall {
  readonly name: string;
  readonly arguments?: unknown;
  readonly id?: string;
}

/** What the mock answers to one request. All fields are free to combine. */
export interface MockAnswer {
  readonly text?: string;
  readonly thinking?: string;
  readonly calls?: readonly MockCall[];
  /** `finish_reason`; by default `tool_calls` with calls, else `stop`. Null ends the stream without one and without `[DONE]`. */
  readonly finish?: string | null;
  /** Counted from the text where not given. */
  readonly usage?: MockUsage;
  /** An HTTP error instead of an answer. */
  readonly error?: MockError;
  /** Payloads of the stream sent exactly as they are, in place of everything above; `[DONE]` follows. */
  readonly raw?: readonly string[];
  /** Characters per chunk; 18 by default. */
  readonly chunkSize?: number;
  /** Pause before each chunk, in milliseconds; the mock's own by default. */
  readonly delayMs?: number;
  /** Pause before the answer begins, in milliseconds. */
  readonly hangMs?: number;
  /** Says nothing more after so many chunks, but keeps the connection. */
  readonly hangAfter?: number;
  /** Cuts the connection after so many chunks. */
  readonly dropAfter?: number;
  /** Sends a chunk that is no JSON after the first. */
  readonly badJson?: boolean;
  /** Sends the stream in network writes of so many bytes, regardless of characters. */
  readonly writeBytes?: number;
}

interface MockUsage {
  readonly input?: number;
  readonly output?: number;
  readonly cached?: number;
}

export interface MockError {
  readonly status: number;
  readonly message?: string;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The parts of a chat request that the mock looks at. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly string[];
  readonly stream: boolean;
  readonly wantsUsage: boolean;
}

interface ChatMessage {
  readonly role: string;
  readonly text: string;
}

/** About four characters make a token. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}
