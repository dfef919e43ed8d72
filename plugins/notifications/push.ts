import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Fault, whyBlocked } from 'boternity';
import { encryptFor, type Receiver } from './encrypt.ts';
import type { Identity } from './vapid.ts';

/** How long a push service may take to answer, in milliseconds. */
const PATIENCE_MS = 10_000;
/** How long it keeps a message for a device that is away, in seconds. */
const KEPT_SECONDS = 24 * 60 * 60;

export interface PushOptions {
  /** `origin`s that are reached although they are not on the public web. */
  readonly allowed: readonly string[];
  readonly contact: string | undefined;
  readonly identity: Identity;
  readonly signal: AbortSignal;
}

export interface Message {
  readonly endpoint: string;
  readonly receiver: Receiver;
  readonly text: string;
  /** One that waits with the same topic is replaced. At most 32 characters of base64url. */
  readonly topic: string;
  readonly isUrgent: boolean;
}

/** Throws INPUT_INVALID for an address that is no push service of the public web, unless its origin is allowed. */
export function checkEndpoint(endpoint: string, allowed: readonly string[]): URL {
  const url = URL.parse(endpoint);
  if (url && allowed.includes(url.origin)) return url;
  const host = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  const isPublic = url?.protocol === 'https:' && url.username === '' && url.port === '' && isIP(host) === 0;
  if (isPublic && /\.[a-z0-9-]+$/i.test(host) && !/\.(local|internal|localhost|corp|arpa)$/i.test(host)) return url;
  throw new Fault('INPUT_INVALID', 'The address is no push service on the public web.', {
    details: [{ path: 'endpoint', message: 'write an https address with a public name and no port' }],
    hint: 'One of your own network is allowed by plugins.notifications.services.',
  });
}

/** Hands a message to a push service. Gives its status; throws when there is none, and PUSH_REFUSED for a private address. */
export async function push(message: Message, options: PushOptions): Promise<number> {
  const { allowed, contact, identity } = options;
  const url = checkEndpoint(message.endpoint, allowed);
  const body = encryptFor(message.receiver, Buffer.from(message.text));
  const headers = {
    authorization: identity.authorize(url.origin, contact),
    'content-encoding': 'aes128gcm',
    'content-type': 'application/octet-stream',
    'content-length': body.length,
    ttl: KEPT_SECONDS,
    topic: message.topic,
    urgency: message.isUrgent ? 'high' : 'normal',
  };
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(PATIENCE_MS)]);
  const isOwn = allowed.includes(url.origin);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'POST',
    headers,
    signal,
    agent: false,
    ...(!isOwn && { lookup: publicOnly }),
  });
  request.once('response', (response) => {
    resolve(response.statusCode ?? 0);
    // Redirects are not followed, and what it says beside is not read.
    response.destroy();
  });
  request.once('error', reject);
  request.end(body);
  return promise;
}

/** Looks a name up and refuses it when one of its addresses is not on the public web; only those that were looked at are connected to. */
const publicOnly: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || !first) return callback(error ?? new Error('no address'), '', 0);
    const what = addresses.map(({ address }) => whyBlocked(address)).find((each) => each !== undefined);
    if (what !== undefined) callback(new Fault('PUSH_REFUSED', `The push service leads to ${what}.`), '', 0);
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
