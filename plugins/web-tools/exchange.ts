import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP, type Socket } from 'node:net';
import { plainAddress } from 'boternity';
import { errorCodeOf, refusal } from './refusal.ts';
import type { Target } from './target.ts';

export type Method = 'GET' | 'HEAD';

/** All that a site learns of who asks. */
const HEADERS = {
  'user-agent': 'Boternity',
  accept: 'text/html, application/xhtml+xml, application/json;q=0.9, text/*;q=0.8, application/xml;q=0.8, */*;q=0.1',
  'accept-encoding': 'gzip, deflate, br, zstd',
};

/** How long one address is tried before the next, where a name has several. */
const NEXT_ADDRESS_MS = 1_000;

interface ExchangeOptions {
  readonly method: Method;
  /** For connection and TLS together. */
  readonly connectTimeoutMs: number;
  /** Ends the exchange, also while its body is read. */
  readonly signal: AbortSignal;
}

/** Sends one request to the very addresses that were checked, over a connection of its own, and gives the answer's head. */
export function exchange(target: Target, options: ExchangeOptions): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const isSecure = target.url.protocol === 'https:';
  let stage: Stage = 'connecting';
  const request = (isSecure ? https : http).request(requestTo(target, options));
  const patience = setTimeout(() => {
    request.destroy(refusal('connection_timeout', `${target.host} did not answer the connection in time.`));
  }, options.connectTimeoutMs);
  const connected = (): void => {
    stage = 'asking';
    clearTimeout(patience);
  };
  request.on('socket', (socket) => {
    socket.once('connect', () => {
      if (!isChecked(socket, target)) request.destroy(wrongPeer(target));
      else if (isSecure) stage = 'securing';
      else connected();
    });
    socket.once('secureConnect', connected);
  });
  request.once('response', resolve);
  request.on('close', () => clearTimeout(patience));
  request.on('error', (error) => {
    clearTimeout(patience);
    reject(errorCodeOf(error) === undefined ? failureAt(stage, target, error, options.signal) : error);
  });
  request.end();
  return promise;
}

function requestTo({ url, host, addresses }: Target, { method, signal }: ExchangeOptions): https.RequestOptions {
  const details: https.RequestOptions & { autoSelectFamilyAttemptTimeout: number } = {
    host,
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path: `${url.pathname}${url.search}`,
    method,
    headers: { ...HEADERS, host: url.host },
    lookup: lookupIn(addresses),
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    agent: false,
    signal,
  };
  return details;
}

type Stage = 'connecting' | 'securing' | 'asking';

/** Node asks for one address or for all; it gets none but those that were checked. */
function lookupIn(addresses: readonly string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    const [first] = known;
    if (options.all || !first) done(null, known);
    else done(null, first.address, first.family);
  };
}

function isChecked({ remoteAddress = '' }: Socket, { addresses }: Target): boolean {
  return addresses.includes(plainAddress(remoteAddress));
}

function wrongPeer({ host }: Target): Error {
  return refusal('destination_blocked', `The connection to ${host} ended at an address that was not checked.`);
}

function failureAt(stage: Stage, { host }: Target, cause: Error, signal: AbortSignal): Error {
  if (signal.aborted) return cause;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const why = code === '' ? '' : ` (${code})`;
  if (stage === 'securing')
    return refusal('tls_error', `${host} offers no trusted secure connection${why}.`, { cause });
  if (stage === 'connecting' && code === 'ETIMEDOUT')
    return refusal('connection_timeout', `${host} did not answer the connection in time.`, { cause });
  const what = stage === 'connecting' ? 'cannot be reached' : 'broke off or does not speak HTTP';
  return refusal('connection_failed', `${host} ${what}${why}.`, { cause });
}
