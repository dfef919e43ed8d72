import path from 'node:path';
import { certify } from './certificate.ts';
import { startNameServer, type NameServer } from './name-server.ts';
import { temporaryFolder, type Product } from './product.ts';
import { startTalking, type Talking } from './talk.ts';
import { startWebSite, type WebSite } from './web-site.ts';

/** What a retrieval came to: its result, or the code of the refusal and the sentence. */
export interface Fetched {
  readonly status: number;
  readonly code: string | undefined;
  /** The failure's name in the contract. */
  readonly error: string | undefined;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>> | null;
}

/** A server whose names come from a loopback name server, with a plain and a secure site that are allowed as `*.own.test`. */
export interface Web extends AsyncDisposable {
  readonly talking: Talking;
  readonly product: Product;
  readonly names: NameServer;
  readonly plain: WebSite;
  readonly secure: WebSite;
  /** Address of a page of the plain site. */
  readonly at: (path: string, host?: string) => string;
}

export async function startWeb(settings: Readonly<Record<string, unknown>> = {}): Promise<Web> {
  await using undo = new AsyncDisposableStack();
  const names = undo.use(await startNameServer());
  const certified = certify('secure.own.test');
  const plain = undo.use(await startWebSite());
  const secure = undo.use(await startWebSite(certified));
  names.set('www.own.test', ['127.0.0.1']);
  names.set('secure.own.test', ['127.0.0.1']);
  names.set('other.own.test', ['127.0.0.1']);
  const webTools = {
    ports: [80, 443, plain.port, secure.port],
    allow: ['*.own.test'],
    nameServers: [names.address],
    connectTimeoutMs: 1_500,
    timeoutMs: 6_000,
    maxBytes: 300_000,
    perMinute: 100_000,
    ...settings,
  };
  const authority = 'authority.pem';
  const folder = undo.use(await temporaryFolder({ [authority]: certified.cert }));
  const talking = undo.use(
    await startTalking({
      files: { 'settings.yaml': JSON.stringify({ plugins: { 'web-tools': webTools } }) },
      env: { NODE_EXTRA_CA_CERTS: path.join(folder.path, authority) },
    }),
  );
  const stack = undo.move();
  return {
    talking,
    product: talking.product,
    names,
    plain,
    secure,
    at: (place, host = 'www.own.test') => `http://${host}:${plain.port}${place}`,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Fetches over HTTP as the owner. */
export async function fetchFrom(product: Product, url: string, rest: object = {}): Promise<Fetched> {
  return call(product, '/api/v1/web/fetch', { url, ...rest });
}

export async function call(product: Product, route: string, input: object): Promise<Fetched> {
  const headers = { 'content-type': 'application/json' };
  const response = await product.fetch(route, { method: 'POST', headers, body: JSON.stringify(input) });
  const { data, errors } = (await response.json()) as {
    data: Fetched['data'];
    errors: { code: string; message: string; details?: { path: string; message: string }[] }[];
  };
  const [first] = errors;
  const error = first?.details?.find((detail) => detail.path === 'error_code')?.message;
  return { status: response.status, code: first?.code, error, message: first?.message ?? '', data };
}
