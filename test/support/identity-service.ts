import { createHash } from 'node:crypto';
import { startService, type ModelService, type Reply } from './model-service.ts';

/** An identity server that grants codes to whoever opens its address, and checks PKCE when they are redeemed. */
export interface IdentityService extends AsyncDisposable {
  readonly url: string;
  readonly asked: ModelService['asked'];
  /** What the browser does at the address: it gives where the browser is sent back to. */
  grant(address: string): URL;
  /** Tokens that it gives next end after so many seconds; an hour by itself. */
  lifetime: number;
  /** Refuses to renew from now on. */
  isStrict: boolean;
  /** Tokens that are good at the service of models. */
  readonly good: Set<string>;
}

interface Granted {
  readonly challenge: string;
  readonly redirect: string;
}

export async function startIdentityService(): Promise<IdentityService> {
  const codes = new Map<string, Granted>();
  const renewals = new Set<string>();
  const good = new Set<string>();
  let count = 0;
  const give = (): Reply => {
    count += 1;
    const access = jwt({
      exp: Math.floor(Date.now() / 1000) + identity.lifetime,
      jti: count,
      'https://api.openai.com/auth': { chatgpt_account_id: 'acct_7' },
    });
    const refresh = `rt_secret_${count}_${'x'.repeat(20)}`;
    renewals.add(refresh);
    good.add(access);
    return { json: { access_token: access, refresh_token: refresh, id_token: jwt({}), expires_in: identity.lifetime } };
  };
  const service = await startService(({ path, body, method }) => {
    const form = new URLSearchParams(body);
    const refuse: Reply = { status: 400, json: { error: 'invalid_grant' } };
    if (method !== 'POST' || path !== '/oauth/token' || form.get('client_id') !== 'test-client') return refuse;
    if (form.get('grant_type') === 'authorization_code') {
      const granted = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const isRight = granted?.challenge === challenge && granted.redirect === form.get('redirect_uri');
      return isRight ? give() : refuse;
    }
    const isKnown = renewals.delete(form.get('refresh_token') ?? '');
    return isKnown && !identity.isStrict ? give() : { status: 401, json: { error: { code: 'refresh_token_reused' } } };
  });
  const identity: IdentityService = {
    url: service.url,
    asked: service.asked,
    lifetime: 3600,
    isStrict: false,
    good,
    grant(address) {
      const { searchParams, origin, pathname } = new URL(address);
      const get = (name: string): string => searchParams.get(name) ?? '';
      if (origin !== service.url || pathname !== '/oauth/authorize' || get('client_id') !== 'test-client')
        throw new Error(`A wrong address: ${address}`);
      if (get('response_type') !== 'code' || get('code_challenge_method') !== 'S256') throw new Error('No PKCE');
      const code = `ac_${codes.size}_${Math.random().toString(36).slice(2)}`;
      codes.set(code, { challenge: get('code_challenge'), redirect: get('redirect_uri') });
      const back = new URL(get('redirect_uri'));
      back.search = new URLSearchParams({ code, state: get('state') }).toString();
      return back;
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
  return identity;
}

function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.sig`;
}
