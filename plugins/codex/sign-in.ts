import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from 'boternity';
import type { Identity } from './tokens.ts';

/** How long a person has to sign in, in milliseconds. */
const PATIENCE_MS = 10 * 60_000;
const BACK = '/auth/callback';
const SCOPE = 'openid profile email offline_access';

export interface SignInConfig extends Identity {
  readonly port: number;
}

/** A sign-in that has begun. */
export interface Begun {
  /** To be opened in a browser. */
  readonly url: string;
  readonly redirect: string;
  readonly endsAt: number;
  /** Whether the browser's way back leads to this server, if it runs on the same machine. */
  readonly isHeard: boolean;
}

interface Open {
  readonly state: string;
  readonly verifier: string;
  readonly redirect: string;
  readonly endsAt: number;
}

type Redeem = (code: string, verifier: string, redirect: string) => Promise<unknown>;

/**
 * Signing in by authorization code with PKCE. Source: RFC 6749, 7636, 8252; addresses and parameters are those of the public Codex
 * CLI (github.com/openai/codex, codex-rs/login). One sign-in is open at a time; a new one takes its place.
 */
export class SignIns implements Disposable {
  readonly #config: SignInConfig;
  readonly #redeem: Redeem;
  #open: Open | undefined;
  #server: Server | undefined;
  #late: NodeJS.Timeout | undefined;

  constructor(config: SignInConfig, redeem: Redeem) {
    this.#config = config;
    this.#redeem = redeem;
  }

  async begin(): Promise<Begun> {
    this[Symbol.dispose]();
    const port = await this.#listen();
    const [state, verifier] = [randomBytes(32).toString('base64url'), randomBytes(64).toString('base64url')];
    const redirect = `http://localhost:${port ?? this.#config.port}${BACK}`;
    const endsAt = Date.now() + PATIENCE_MS;
    this.#open = { state, verifier, redirect, endsAt };
    this.#late = setTimeout(() => this[Symbol.dispose](), PATIENCE_MS).unref();
    return { url: this.#address(this.#open), redirect, endsAt, isHeard: port !== undefined };
  }

  /** Ends it with what the browser was sent back with: the whole address, or the code in it. */
  async finish(answer: string): Promise<void> {
    const open = this.#open;
    if (!open || open.endsAt < Date.now()) throw wrong('No sign-in is open, or it took too long.');
    const { code, state, error } = readAnswer(answer);
    if (error !== null) throw wrong(`The sign-in was refused (${error.replaceAll(/[^\w.-]/g, ' ').slice(0, 60)}).`);
    if (state !== null && !isSame(state, open.state)) throw wrong('The answer belongs to another sign-in.');
    if (code === null || code === '') throw wrong('There is no code in the answer.');
    // A code is tried once, so that nobody can try several.
    this[Symbol.dispose]();
    await this.#redeem(code, open.verifier, open.redirect);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#late);
    this.#open = undefined;
    this.#server?.close();
    this.#server?.closeIdleConnections();
    this.#server = undefined;
  }

  #address({ state, verifier, redirect }: Open): string {
    const { identity, client } = this.#config;
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client,
      redirect_uri: redirect,
      scope: SCOPE,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state,
      id_token_add_organizations: 'true',
      codex_cli_simplified_flow: 'true',
      originator: 'boternity',
    });
    return `${identity.replace(/\/+$/, '')}/oauth/authorize?${query.toString()}`;
  }

  /** Gives the port; undefined where it is taken. */
  async #listen(): Promise<number | undefined> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.unref();
    try {
      await once(server.listen(this.#config.port, '127.0.0.1'), 'listening');
    } catch {
      return undefined;
    }
    this.#server = server;
    return (server.address() as AddressInfo).port;
  }

  /** The browser comes back. It brings a state that nobody else knows, or nothing happens. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const tell = (status: number, words: string): void => {
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', connection: 'close' };
      response.writeHead(status, headers).end(`${words}\n`);
    };
    if (request.method !== 'GET' || pathname !== BACK || searchParams.get('state') === null)
      return tell(404, 'Nothing is here.');
    try {
      await this.finish(`http://localhost${request.url ?? ''}`);
      tell(200, 'You are signed in. This page can be closed.');
    } catch (error) {
      const { message, hint } = Fault.from(error);
      tell(403, `${message} ${hint}`);
    }
  }
}

function wrong(message: string): Fault {
  return new Fault('CODEX_SIGN_IN_FAILED', message);
}

/** The address that the browser was sent to, or `code`, or `code#state`. */
function readAnswer(answer: string): { code: string | null; state: string | null; error: string | null } {
  const text = answer.trim();
  const query = URL.parse(text)?.searchParams;
  if (query) {
    // A whole address always has a state; without one it is not ours.
    return { code: query.get('code'), state: query.get('state') ?? '', error: query.get('error') };
  }
  const [code = '', state] = text.split('#');
  return { code, state: state ?? null, error: null };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
