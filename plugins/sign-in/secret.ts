import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits as hexadecimal digits: what links, sessions and tokens are made of. */
export function newSecret(): string {
  return randomBytes(32).toString('hex');
}

/** SHA-256 of a secret: all that is kept of it. A secret of 256 bits needs no salt and no slow hash. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Compares two digests in a time that tells nothing of where they differ. */
export function isSameDigest(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
