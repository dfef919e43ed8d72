import { once } from 'node:events';
import { request as open } from 'node:http';
import type { Product } from './product.ts';

/** A request as a program writes it, with headers that fetch would not let through. */
export interface WireRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, with its content type unless the headers name another. */
  readonly body?: unknown;
  /** The address of this machine that it comes from. */
  readonly from?: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly data: unknown;
  readonly code: string | undefined;
  readonly message: string;
}

/** Sends a request without any credential but those it names, and reads the answer to its end; of events without end, nothing. */
export async function wire(product: Product, place: string, given: WireRequest = {}): Promise<WireAnswer> {
  const { body, headers = {}, from } = given;
  const method = given.method ?? (body === undefined ? 'GET' : 'POST');
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const request = open(new URL(place, product.url), {
    method,
    headers: { connection: 'close', ...type, ...headers },
    ...(from !== undefined && { localAddress: from }),
  });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [
    AsyncIterable<Buffer> & { statusCode: number; headers: WireAnswer['headers'] },
  ];
  let text = '';
  if (String(response.headers['content-type']).startsWith('text/event-stream')) request.destroy();
  else for await (const chunk of response) text += chunk.toString();
  const envelope = text.startsWith('{') ? (JSON.parse(text) as Envelope) : {};
  const [error] = envelope.errors ?? [];
  const { statusCode: status, headers: told } = response;
  return { status, headers: told, text, data: envelope.data, code: error?.code, message: error?.message ?? '' };
}

interface Envelope {
  readonly data?: unknown;
  readonly errors?: readonly { readonly code: string; readonly message: string }[];
}
