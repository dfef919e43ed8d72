import { fetchKeepingAlive } from './transport.ts';

/** What a service refused: the shape that the SDKs throw too, so that one place reads both. */
export class ServiceError extends Error {
  readonly status: number | undefined;
  /** The body: as JSON where it is some. */
  readonly error: unknown;
  readonly headers: Headers | undefined;

  constructor(status: number | undefined, error: unknown, headers?: Headers) {
    super(`The service answered ${status ?? 'with an error'}.`);
    this.status = status;
    this.error = error;
    this.headers = headers;
  }
}

export interface Sent {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, or a value that is written as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** Sends a request over a kept connection. Rejects with a ServiceError where the answer is no success. */
export async function send(address: string, { method, headers, body, signal }: Sent): Promise<Response> {
  const response = await fetchKeepingAlive(address, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal,
  });
  if (response.ok) return response;
  throw new ServiceError(response.status, readable(await response.text()), response.headers);
}

/** The JSON of a whole answer. Rejects with a SyntaxError where it is none. */
export async function sendForJson(address: string, sent: Sent): Promise<unknown> {
  const response = await send(address, sent);
  return JSON.parse(await response.text());
}

/** The `data` of server-sent events, as they are. */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const reader = new EventReader();
  for await (const bytes of body) yield* reader.take(bytes);
  yield* reader.end();
}

/** The JSON values of server-sent events, until the body ends or says `[DONE]`. Throws a SyntaxError for what is none. */
export async function* eventValues(body: AsyncIterable<Uint8Array>): AsyncGenerator {
  for await (const data of eventData(body)) {
    if (data === '[DONE]') return;
    yield JSON.parse(data);
  }
}

/** The same values, as many at a time as came together, which is much faster; `[DONE]` is passed over. A batch has to be read to its end before the next. */
export async function* eventBatches(body: AsyncIterable<Uint8Array>): AsyncGenerator<Iterable<unknown>> {
  const reader = new EventReader();
  for await (const bytes of body) yield valuesOf(reader.take(bytes));
  yield valuesOf(reader.end());
}

function* valuesOf(events: Iterable<string>): Generator {
  for (const data of events) if (data !== '[DONE]') yield JSON.parse(data);
}

/** The values of server-sent events, as many at a time as came together, up to `[DONE]`. */
export interface EventStream {
  readonly chunks: AsyncIterable<Iterable<unknown>>;
  readonly areBatches: true;
  /** Whether `[DONE]` came. */
  isDone(): boolean;
}

/**
 * The same values as OpenAI and those who copy it send them: `[DONE]` ends them, whatever the connection does; an event by the name
 * `error`, or a value with one, is thrown as a ServiceError.
 */
export function eventStream(body: AsyncIterable<Uint8Array>): EventStream {
  const reader = new EventReader();
  let isDone = false;
  function* values(events: Iterable<string>): Generator {
    for (const data of events) {
      if (data === '[DONE]') {
        isDone = true;
        return;
      }
      const value = JSON.parse(data) as { readonly error?: unknown } | null;
      if (value?.error || reader.isError) throw new ServiceError(undefined, value?.error ?? value);
      yield value;
    }
  }
  async function* batches(): AsyncGenerator<Iterable<unknown>> {
    for await (const bytes of body) {
      yield values(reader.take(bytes));
      if (isDone) return;
    }
    yield values(reader.end());
  }
  return { chunks: batches(), areBatches: true, isDone: () => isDone };
}

/** Takes server-sent events apart, however their bytes are cut. Source: WHATWG HTML, 9.2.6; other fields than data are passed over. */
class EventReader {
  readonly #decoder = new TextDecoder();
  /** Whether the event that was given last is named `error`. */
  isError = false;
  #rest = '';
  #data: string | undefined;
  #isError = false;

  *take(bytes: Uint8Array): Generator<string> {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const data = this.#line(text, start, text[end - 1] === '\r' && end > start ? end - 1 : end);
      if (data !== undefined) yield data;
      start = end + 1;
    }
    this.#rest = text.slice(start);
  }

  /** What is left when the body ends without a blank line. */
  *end(): Generator<string> {
    const rest = this.#rest.trimEnd();
    if (rest !== '') this.#line(rest, 0, rest.length);
    this.isError = this.#isError;
    if (this.#data !== undefined) yield this.#data;
  }

  /** The data of the event that a line ends. */
  #line(text: string, start: number, end: number): string | undefined {
    if (start === end) {
      const data = this.#data;
      this.#data = undefined;
      this.isError = this.#isError;
      this.#isError = false;
      return data;
    }
    if (!text.startsWith('data:', start)) {
      if (text.startsWith('event:', start)) this.#isError = text.slice(start + 6, end).trim() === 'error';
      return undefined;
    }
    const value = text.slice(text[start + 5] === ' ' ? start + 6 : start + 5, end);
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    return undefined;
  }
}

/** The bytes of an answer as they come. */
export function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  return response.body as unknown as AsyncIterable<Uint8Array>;
}

/** Some services send the error alone, some inside `error`, some a list with one of these. */
function readable(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const [first] = Array.isArray(value) ? (value as unknown[]) : [value];
    const { error } = (first ?? {}) as { error?: unknown };
    return error ?? first;
  } catch {
    return text.slice(0, 1000);
  }
}
