import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certified } from './certificate.ts';

/** What a page of the site answers. */
export interface PageAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export type Page = PageAnswer | ((request: IncomingMessage, response: ServerResponse) => void);

/** A web site on loopback. */
export interface WebSite extends AsyncDisposable {
  readonly port: number;
  /** The requests so far: method and path. */
  readonly requests: string[];
  /** The head of the last request. */
  last(): IncomingMessage['headers'];
  set(path: string, page: Page): void;
}

/** An answer with this content type. */
export function page(
  type: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): PageAnswer {
  return { headers: { 'content-type': type, ...headers }, body };
}

export function redirect(location: string, status = 302): PageAnswer {
  return { status, headers: { location } };
}

/** Starts a site on a free port; with a certificate it speaks TLS. */
export async function startWebSite(certified?: Certified): Promise<WebSite> {
  const pages = new Map<string, Page>();
  const requests: string[] = [];
  let headers: IncomingMessage['headers'] = {};
  const answer: RequestListener = (request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    ({ headers } = request);
    const found = pages.get((request.url ?? '').split('?')[0] ?? '') ?? { status: 404, body: 'Not here.' };
    if (typeof found === 'function') return found(request, response);
    response.writeHead(found.status ?? 200, found.headers).end(found.body);
  };
  const server = certified ? createSecureServer(certified, answer) : createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    last: () => headers,
    set: (path, found) => void pages.set(path, found),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
