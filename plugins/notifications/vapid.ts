import { createECDH, createPrivateKey, sign } from 'node:crypto';
import type { Vault } from '../vault/vault.ts';

/** Name of the private key in the vault. */
const SECRET = 'WEB_PUSH_PRIVATE_KEY';
/** How long a push service may believe a token, in seconds; a day at most (RFC 8292, 2). */
const LIFE_SECONDS = 12 * 60 * 60;

/** By what push services know this server: RFC 8292. */
export interface Identity {
  /** Uncompressed point on P-256, base64url: what browsers want as `applicationServerKey`. */
  readonly publicKey: string;
  /** The header `authorization` for the push service at an origin. `contact` is a `mailto:` or `https:` address. */
  authorize(origin: string, contact: string | undefined): string;
}

/** The key of this server, made the first time and kept in the vault. */
export async function openIdentity(vault: Pick<Vault, 'get' | 'set'>): Promise<Identity> {
  const pair = createECDH('prime256v1');
  const kept = await vault.get(SECRET);
  if (kept === undefined) {
    pair.generateKeys();
    await vault.set(SECRET, pair.getPrivateKey().toString('base64url'));
  } else pair.setPrivateKey(Buffer.from(kept, 'base64url'));
  const point = pair.getPublicKey();
  const publicKey = point.toString('base64url');
  const x = point.toString('base64url', 1, 33);
  const y = point.toString('base64url', 33);
  const d = Buffer.concat([Buffer.alloc(32), pair.getPrivateKey()])
    .subarray(-32)
    .toString('base64url');
  const key = createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y, d } });
  return {
    publicKey,
    authorize(origin, contact) {
      const exp = Math.floor(Date.now() / 1_000) + LIFE_SECONDS;
      const claims = { aud: origin, exp, ...(contact !== undefined && { sub: contact }) };
      const text = `${encode({ typ: 'JWT', alg: 'ES256' })}.${encode(claims)}`;
      const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
      return `vapid t=${text}.${signature}, k=${publicKey}`;
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
