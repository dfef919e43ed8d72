import { readCliToken } from '../files/cli-token.ts';

/**
 * Fetches as the owner of a home: with the token that its server left there, read anew for every request, because each start of
 * the server makes another. A request that brings its own credential keeps it.
 */
export function ownerFetch(home: string): typeof fetch {
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const isOther = ['authorization', 'x-api-key', 'cookie'].some((name) => headers.has(name));
    const token = isOther ? undefined : await readCliToken(home);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
}
