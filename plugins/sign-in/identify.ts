import { Fault, type Caller, type Credentials } from 'boternity';
import type { Accounts } from './accounts.ts';
import type { RequestChecks } from './requests.ts';
import { digestOf, isSameDigest } from './secret.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Token, Tokens } from './tokens.ts';

export interface IdentifyParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly checks: RequestChecks;
  /** Name of the session's cookie. */
  readonly cookie: string;
  /** SHA-256 of the token of commands on this machine. */
  readonly cliDigest: string;
}

/** By which credential a caller came. */
export type Origin =
  | { readonly kind: 'command' }
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'token'; readonly token: Token };

export interface Identity {
  /**
   * Who asks. Every credential that a request shows must be good: one that is there and wrong makes the request nobody's, whatever
   * else it shows. What the caller may do stands in the server's record of the credential, nowhere in the request.
   */
  identify(request: Credentials): Caller | undefined;
  /** By which credential a caller that was identified here came. */
  originOf(caller: Caller): Origin | undefined;
  /** The secret of the session in a request's cookie. */
  cookieOf(request: Pick<Credentials, 'headers'>): string | undefined;
}

/** Found by a credential. */
type Found = Caller & { readonly origin: Origin };

export function createIdentity(parts: IdentifyParts): Identity {
  const { sessions, checks, accounts } = parts;
  const origins = new WeakMap<Caller, Origin>();
  const cookieOf: Identity['cookieOf'] = ({ headers }) => cookieIn(headers.cookie, parts.cookie);

  const bySession = (secret: string, request: Credentials): Found | undefined => {
    const found = sessions.find(secret, checks.addressOf(request));
    if (!found || accounts.state !== 'ready') return undefined;
    const origin = { kind: 'session' as const, session: found.entry };
    return { ...accounts.author, grants: ['*'], revoked: found.revoked, origin };
  };
  const find = (request: Credentials): Found | undefined => {
    const shown = shownIn(request.headers);
    const cookie = cookieOf(request);
    const found = shown.map((secret) => bySecret(secret, request, parts));
    const visitor = cookie === undefined ? undefined : bySession(cookie, request);
    if (found.includes(undefined) || (cookie !== undefined && !visitor)) return undefined;
    const [first, ...others] = found;
    if (others.some((other) => other?.id !== first?.id)) return undefined;
    if (!first && visitor) assertOwnPage(request, checks);
    return first ?? visitor;
  };
  return {
    identify(request) {
      const found = find(request);
      if (!found) return undefined;
      const { origin, ...caller } = found;
      origins.set(caller, origin);
      return caller;
    },
    originOf: (caller) => origins.get(caller),
    cookieOf,
  };
}

function bySecret(
  secret: string,
  request: Credentials,
  { tokens, accounts, cliDigest, checks }: IdentifyParts,
): Found | undefined {
  const { author } = accounts;
  const digest = digestOf(secret);
  if (isSameDigest(digest, cliDigest)) {
    return checks.isLocal(request) ? { ...author, grants: ['*'], origin: { kind: 'command' } } : undefined;
  }
  const found = tokens.find(digest);
  if (!found) return undefined;
  const { entry, revoked } = found;
  const origin = { kind: 'token' as const, token: entry };
  const named = { ...author, kind: 'token' as const, id: entry.id, name: `${author.name} (${entry.name})` };
  return { ...named, grants: entry.scopes, revoked, origin };
}

/** The secrets that a request shows in its headers: Bearer, Basic (the password; the name says nothing), X-API-Key. What cannot be read is a wrong one. */
function shownIn(headers: Credentials['headers']): string[] {
  const { authorization } = headers;
  const key = headers['x-api-key'];
  return [
    ...(authorization === undefined ? [] : [secretOf(String(authorization))]),
    ...(key === undefined ? [] : [String(key)]),
  ];
}

function secretOf(authorization: string): string {
  const [, scheme = '', rest = ''] = /^(\S+) +(\S+)$/.exec(authorization.trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') return rest;
  if (scheme.toLowerCase() !== 'basic') return '';
  const pair = Buffer.from(rest, 'base64').toString();
  return pair.slice(pair.indexOf(':') + 1);
}

function cookieIn(header: string | readonly string[] | undefined, name: string): string | undefined {
  if (typeof header !== 'string') return undefined;
  const found = header.split(';').find((pair) => pair.trimStart().startsWith(`${name}=`));
  return found?.slice(found.indexOf('=') + 1).trim();
}

/**
 * A cookie comes along by itself, whoever made the request. So it counts for pages of this server alone, not for others that may
 * call its API; and a request that changes something must show it, in a form that no other page can send without being asked first.
 */
function assertOwnPage(request: Credentials, checks: RequestChecks): void {
  const { method, headers } = request;
  if ((method === 'GET' || method === 'HEAD') && (headers['origin'] === undefined || checks.isOfOwnPage(request)))
    return;
  const type = String(headers['content-type'] ?? '');
  const isScripted = /^application\/([\w.-]+\+)?json\b/.test(type) || headers['x-requested-with'] !== undefined;
  if (checks.isOfOwnPage(request) && isScripted) return;
  throw new Fault('ORIGIN_REFUSED', 'Nothing shows that the page of this server made this request.');
}
