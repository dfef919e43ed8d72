import { createHash } from 'node:crypto';

/** Six characters that change when anything in the text does. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}

/** One of several, always the same for the same seed. */
export function choose<T>(from: readonly [T, ...T[]], seed: string): T {
  const number = Number.parseInt(fingerprint(seed), 16);
  return from[number % from.length] ?? from[0];
}
