import type { IncomingMessage } from 'node:http';
import { Fault, findSecrets, redactor } from 'boternity';
import { readBody } from './body.ts';
import { allowancesOf, type WebConfig } from './config.ts';
import { exchange, type Method } from './exchange.ts';
import { createNames } from './names.ts';
import { checkJson } from './reading/json.ts';
import { readHtml, type PageReading } from './reading/html.ts';
import { decode, readMedia } from './reading/media.ts';
import { errorCodeOf, refusal } from './refusal.ts';
import { checkTarget, readUrl, type Target } from './target.ts';

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface Retrieved extends PageReading {
  readonly url: URL;
  readonly status: number;
  readonly type: string;
  /** Of the body, unpacked. */
  readonly bytes: number;
}

/** Fetches what an address shows, as text, by the rules of docs/web.md. Throws a refusal that says which rule spoke against it. */
export type Retrieve = (address: string, method: Method, signal: AbortSignal) => Promise<Retrieved>;

export function createRetriever(config: WebConfig): Retrieve {
  const allowed = allowancesOf(config);
  const addressesOf = createNames({ servers: config.nameServers, timeoutMs: config.connectTimeoutMs });
  const check = (url: URL): Promise<Target> => checkTarget(url, allowed, addressesOf);
  return async (address, method, caller) => {
    const late = AbortSignal.timeout(config.timeoutMs);
    const signal = AbortSignal.any([caller, late]);
    const first = readUrl(address);
    await refuseSecrets(address);
    try {
      return await follow(first, check, { method, signal, config });
    } catch (error) {
      if (caller.aborted) throw new Fault('INTERRUPTED', 'The retrieval was stopped.', { cause: error });
      if (!late.aborted || errorCodeOf(error) !== undefined) throw error;
      throw refusal('read_timeout', `The answer did not come within ${config.timeoutMs / 1000} s.`, { cause: error });
    }
  };
}

/** Refuses a text that would carry a secret out of the house: one that is kept here, or what looks like one. */
export async function refuseSecrets(text: string): Promise<void> {
  const forms = [text, unescaped(text)];
  const isKnown = forms.some((form) => redactor.text(form) !== form);
  const { found, isComplete } = isKnown ? { found: [], isComplete: true } : await findSecrets(forms.join('\n'));
  if (!isKnown && isComplete && found.length === 0) return;
  const what = isKnown ? 'one that is kept here' : (found[0]?.rule ?? 'there is too much to look through');
  throw refusal('suspected_secret_in_url', `Nothing was sent, for it holds what looks like a secret (${what}).`, {
    hint: 'Leave the secret out.',
  });
}

interface FollowOptions {
  readonly method: Method;
  readonly signal: AbortSignal;
  readonly config: WebConfig;
}

type Check = (url: URL) => Promise<Target>;

async function follow(first: URL, check: Check, options: FollowOptions): Promise<Retrieved> {
  let target = await check(first);
  for (let redirects = 0; ; redirects += 1) {
    const { connectTimeoutMs } = options.config;
    const message = await exchange(target, { ...options, connectTimeoutMs });
    try {
      const { location } = message.headers;
      if (!REDIRECTS.has(message.statusCode ?? 0) || location === undefined)
        return await read(message, target, options);
      if (redirects === MOST_REDIRECTS)
        throw refusal('redirect_limit_exceeded', `The address was redirected more than ${MOST_REDIRECTS} times.`);
      target = await redirected(target.url, location, check);
    } finally {
      message.destroy();
    }
  }
}

async function read(message: IncomingMessage, { url }: Target, options: FollowOptions): Promise<Retrieved> {
  const { method, config, signal } = options;
  const type = message.headers['content-type'] ?? '';
  const head = { url, status: message.statusCode ?? 0, type };
  if (method === 'HEAD') return { ...head, title: '', text: '', bytes: 0 };
  const media = readMedia(type);
  const body = await readBody(message, config.maxBytes, signal);
  const text = decode(body, media);
  if (media.kind === 'html') return { ...head, ...(await readHtml(text, url, signal)), bytes: body.length };
  if (media.kind === 'json') checkJson(text);
  return { ...head, title: '', text, bytes: body.length };
}

async function redirected(from: URL, location: string, check: Check): Promise<Target> {
  try {
    const to = readUrl(location, from);
    if (from.protocol === 'https:' && to.protocol === 'http:')
      throw refusal('redirect_blocked', 'https may not be left for http.');
    return await check(to);
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === undefined || code === 'dns_failed') throw error;
    const why = error instanceof Error ? error.message : '';
    throw refusal('redirect_blocked', `${from.host} redirects to where no bot may go. ${why}`, { cause: error });
  }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
