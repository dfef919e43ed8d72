import { Fault, fieldsOf, numberOf, redactor, send, ServiceError, textOf } from 'boternity';
import type { Vault } from '../vault/vault.ts';
import { accountOf, endOf } from './claims.ts';

export const ACCESS = 'CODEX_ACCESS_TOKEN';
const REFRESH = 'CODEX_REFRESH_TOKEN';
const ACCOUNT = 'CODEX_ACCOUNT_ID';

/** A token is renewed so long before its end, in milliseconds. */
const EARLY_MS = 5 * 60_000;
/** A token this young is not renewed because it is refused: it is the account that is. In milliseconds. */
const YOUNG_MS = 60_000;
/** How long the identity server may take, in milliseconds. */
const PATIENCE_MS = 15_000;

export interface Identity {
  readonly identity: string;
  readonly client: string;
}

/** What a call needs. */
export interface Pass {
  readonly token: string;
  readonly account: string;
}

/** The tokens of whoever signed in. They are kept in the vault and nowhere else. */
export class Tokens {
  readonly #vault: Vault;
  readonly #identity: Identity;
  /** Of tokens that do not say themselves when they end. */
  #endsAt: number | undefined;
  #renewing: Promise<Pass> | undefined;
  #young: { readonly token: string; readonly since: number } | undefined;

  constructor(vault: Vault, identity: Identity) {
    this.#vault = vault;
    this.#identity = identity;
  }

  /** A token that is good for a while, renewed if need be. Throws CODEX_SIGNED_OUT. */
  async pass(): Promise<Pass> {
    const token = await this.#vault.get(ACCESS);
    const end = token === undefined ? 0 : (endOf(token) ?? this.#endsAt);
    if (token === undefined || (end !== undefined && end < Date.now() + EARLY_MS)) return this.renew(token);
    return { token, account: await this.#account(token) };
  }

  /** Whether another token may help where this one was refused. */
  mayRenew(refused: string): boolean {
    return this.#young?.token !== refused || this.#young.since < Date.now() - YOUNG_MS;
  }

  /** Another token than one that was refused. Who comes while it is being fetched gets the same. */
  async renew(refused: string | undefined): Promise<Pass> {
    const token = await this.#vault.get(ACCESS);
    if (token !== undefined && token !== refused) return { token, account: await this.#account(token) };
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  /** What a sign-in came to is fetched and kept. */
  async redeem(code: string, verifier: string, redirect: string): Promise<Pass> {
    redactor.add('CODEX_CODE', code);
    return this.#fetch({ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirect });
  }

  async isThere(): Promise<boolean> {
    return (await this.#vault.get(REFRESH)) !== undefined || (await this.#vault.get(ACCESS)) !== undefined;
  }

  /** When its token ends, in milliseconds since 1970; undefined where that is not known. */
  async endsAt(): Promise<number | undefined> {
    return endOf((await this.#vault.get(ACCESS)) ?? '') ?? this.#endsAt;
  }

  async forget(): Promise<void> {
    for (const name of [ACCESS, REFRESH, ACCOUNT]) await this.#vault.remove(name);
  }

  async #renew(): Promise<Pass> {
    const refresh = await this.#vault.get(REFRESH);
    if (refresh === undefined) throw new Fault('CODEX_SIGNED_OUT', 'Nobody is signed in for Codex.');
    return this.#fetch({ grant_type: 'refresh_token', refresh_token: refresh, scope: 'openid profile email' });
  }

  async #fetch(form: Readonly<Record<string, string>>): Promise<Pass> {
    const { identity, client } = this.#identity;
    const response = await send(`${identity.replace(/\/+$/, '')}/oauth/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...form, client_id: client }).toString(),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((error: unknown) => {
      throw refusalOf(error);
    });
    return this.#keep(JSON.parse(await response.text()));
  }

  /** The token that renews goes first: the old one is worth nothing any more. */
  async #keep(answer: unknown): Promise<Pass> {
    const { access_token, refresh_token, id_token, expires_in } = fieldsOf(answer);
    const token = textOf(access_token);
    if (token === '') throw new Fault('CODEX_SIGNED_OUT', 'The identity server gave no token.');
    const account = accountOf(token) || accountOf(textOf(id_token));
    if (textOf(refresh_token) !== '') await this.#vault.set(REFRESH, textOf(refresh_token));
    if (account !== accountOf(token)) await this.#vault.set(ACCOUNT, account);
    await this.#vault.set(ACCESS, token);
    const seconds = numberOf(expires_in);
    this.#young = { token, since: Date.now() };
    this.#endsAt = seconds === undefined ? undefined : Date.now() + seconds * 1000;
    return { token, account: account || (await this.#account(token)) };
  }

  async #account(token: string): Promise<string> {
    return accountOf(token) || ((await this.#vault.get(ACCOUNT)) ?? '');
  }
}

/** A refusal means that one has to sign in again; what did not reach the identity server may go better the next time. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof ServiceError) || (error.status ?? 500) >= 500 || error.status === 429) return error;
  const words = textOf(error.error) || textOf(fieldsOf(error.error).code) || textOf(fieldsOf(error.error).message);
  const why = /^[\w .,'-]{1,100}$/.test(words) ? ` (${words})` : '';
  return new Fault('CODEX_SIGNED_OUT', `The identity server refuses the sign-in for Codex${why}.`);
}
