import http from 'node:http';
import https from 'node:https';

/** How long a finished answer may take to close before its connection is given up, in milliseconds. */
const DRAIN_MS = 1000;

/** Longest error body that is read, in bytes. */
const ERROR_BYTES = 64_000;

/**
 * The `fetch` given to the SDK: one POST with a text body over node's own keep-alive connections. It costs about half the CPU of
 * the built-in fetch, and the connection survives an answer: the SDK stops reading at `[DONE]`, where the built-in fetch
 * would cut the line and the next call pay for a new TLS handshake.
 */
export async function fetchKeepingAlive(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const target = new URL(url instanceof Request ? url.url : url);
  const body = typeof init.body === 'string' ? init.body : '';
  const message = await send(target, init, body);
  return asResponse(message);
}

/** Whether the reader left before the body ended on its own, as the SDK does after `[DONE]`. */
export function wasLeft(response: Response): boolean {
  const { body } = response as unknown as { body: Body };
  return body.left;
}

function send(url: URL, init: RequestInit, body: string): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const { request: open } = url.protocol === 'https:' ? https : http;
  const headers = { ...Object.fromEntries(new Headers(init.headers)), 'content-length': Buffer.byteLength(body) };
  const request = open(url, { method: init.method ?? 'POST', headers, ...(init.signal && { signal: init.signal }) });
  let hasAnswered = false;
  request.once('response', (message) => {
    hasAnswered = true;
    resolve(message);
  });
  request.on('error', (error) => {
    // A kept connection may have been closed by the other end just before it was used: nothing was read, so once more.
    const isStale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET' && !hasAnswered;
    if (isStale && !init.signal?.aborted) resolve(send(url, init, body));
    else reject(error);
  });
  request.end(body);
  return promise;
}

function asResponse(message: http.IncomingMessage): Response {
  const status = message.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  const response = {
    ok: status >= 200 && status < 300,
    status,
    headers,
    url: '',
    body: new Body(message),
    text: () => readText(message),
  };
  return response as unknown as Response;
}

/** The bytes of an answer. Leaving early keeps the connection, if the rest comes soon. */
class Body implements AsyncIterableIterator<Uint8Array> {
  left = false;
  readonly #message: http.IncomingMessage;
  readonly #bytes: AsyncIterator<Uint8Array>;

  constructor(message: http.IncomingMessage) {
    this.#message = message;
    this.#bytes = message.iterator({ destroyOnReturn: false });
    message.on('error', () => undefined);
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return this.#bytes.next();
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.left = true;
    void this.#drain();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #drain(): Promise<void> {
    const message = this.#message;
    const patience = setTimeout(() => message.destroy(), DRAIN_MS);
    message.once('close', () => clearTimeout(patience));
    await this.#bytes.return?.();
    message.resume();
  }
}

async function readText(message: http.IncomingMessage): Promise<string> {
  let text = '';
  message.setEncoding('utf8');
  for await (const piece of message) {
    text += String(piece);
    if (text.length > ERROR_BYTES) break;
  }
  return text;
}
