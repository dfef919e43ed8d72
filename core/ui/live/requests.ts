import { CallError, lostConnection, type CallDetail } from './call-error.ts';
import { readEvents } from './event-source.ts';
import type { Kept } from './kept.ts';
import { say } from './say.ts';

/** How requests reach the server: the client's options with their defaults filled in. */
export interface Connection {
  /** Origin, perhaps with a base path; ends in a slash. */
  readonly base: URL;
  readonly fetch: typeof globalThis.fetch;
  readonly headers: Readonly<Record<string, string>>;
  /** Opens the WebSocket of the server, where one is wanted. */
  readonly socket?: ((url: URL) => WebSocket) | undefined;
  /** Keeps what was told last, where something is to be kept. */
  readonly kept?: Kept | undefined;
}

interface Envelope {
  readonly data?: unknown;
  readonly meta?: { readonly request_id?: string };
  readonly errors?: readonly {
    readonly code?: string;
    readonly message?: string;
    readonly hint?: string;
    readonly details?: readonly CallDetail[];
  }[];
}

/** The server sends at least a comment every 15 s; silence of this length is a lost connection. */
export const SILENCE_MS = 40_000;
/** On every request that changes something, with a body or without: other pages cannot send it. */
export const JSON_BODY = { 'content-type': 'application/json' };

/** Sends a request below /api/v1. Throws CallError without an answer; any status is an answer. A caller's own abort stays what it is. */
export async function request(connection: Connection, path: string, init: RequestInit = {}): Promise<Response> {
  const url = new URL(`api/v1${path}`, connection.base);
  try {
    return await connection.fetch(url, { ...init, headers: { ...connection.headers, ...headersOf(init) } });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable(say`The server at ${connection.base.host} does not answer.`, error);
  }
}

/** The data of an answer's envelope; throws CallError with the server's words when it is a refusal. */
export async function dataOf(response: Response): Promise<unknown> {
  const { status } = response;
  const text = await response.text().catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable(say`The answer broke off.`, error);
  });
  const envelope = parseEnvelope(text);
  const requestId = envelope?.meta?.request_id ?? response.headers.get('x-request-id') ?? undefined;
  const [first] = envelope?.errors ?? [];
  if (first) {
    const message = first.message ?? say`The server refused with status ${status}.`;
    throw new CallError({ ...first, code: first.code ?? 'INTERNAL', message, status, requestId });
  }
  if (response.ok && envelope && 'data' in envelope) return envelope.data;
  const message = say`The server answered with status ${status} and something that is not its own format.`;
  const hint = say`See whether a proxy stands between, or whether another program uses this port.`;
  throw new CallError({ code: 'INTERNAL', message, hint, status, requestId });
}

/** Why an answer is not what was asked for: the server's words in its envelope; without any, the connection is lost. */
export async function refusalOf(response: Response): Promise<unknown> {
  try {
    await dataOf(response);
    return lostConnection();
  } catch (error) {
    return error;
  }
}

/** The data of an answer that comes as events: facts of progress, then the envelope as `result` or `error`. */
export async function resultOf(response: Response, onProgress: (fact: unknown) => void): Promise<unknown> {
  const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (!isEvents || !response.body) return dataOf(response);
  for await (const { type, data } of readEvents(response.body, SILENCE_MS)) {
    if (type === 'progress') onProgress(JSON.parse(data));
    else return dataOf(new Response(data, { status: response.status, headers: response.headers }));
  }
  throw unreachable(say`The answer broke off.`);
}

function unreachable(message: string, cause?: unknown): CallError {
  const hint = say`See that it is running (bnity serve) and that this machine can reach it.`;
  return new CallError({ code: 'SERVER_UNREACHABLE', message, hint }, cause);
}

export interface ShapedCall {
  readonly path: string;
  readonly init: Omit<RequestInit, 'headers'> & { readonly headers: Readonly<Record<string, string>> };
}

/** Path and init that carry an action's input: placeholders from its fields, the rest as query or as JSON body. */
export function shapeCall(http: string, input: Readonly<Record<string, unknown>>): ShapedCall {
  const [method = 'GET', template = '/'] = http.split(' ');
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = template.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, whole: string) => {
    const value = rest.get(name);
    rest.delete(name);
    const text = encodeURIComponent(toText(value));
    return whole === '' ? text : text.replaceAll('%2F', '/');
  });
  if (method === 'GET' || method === 'DELETE') {
    const query = new URLSearchParams([...rest].flatMap(([name, value]) => toPairs(name, value)));
    const path = query.size > 0 ? `${filled}?${query}` : filled;
    return { path, init: { method, headers: method === 'GET' ? {} : JSON_BODY } };
  }
  return { path: filled, init: { method, body: JSON.stringify(Object.fromEntries(rest)), headers: JSON_BODY } };
}

function toPairs(name: string, value: unknown): [string, string][] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.map((item) => [name, toText(item)]);
  return [[name, toText(value)]];
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function headersOf(init: RequestInit): Record<string, string> {
  return Object.fromEntries(new Headers(init.headers));
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
