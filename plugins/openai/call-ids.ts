import { createHash } from 'node:crypto';

/** Which ids of calls a service takes. */
export interface CallIds {
  readonly pattern: RegExp;
  /** Characters of those that are made for it. */
  readonly length: number;
}

/** Of OpenAI's own service; most others take these too. */
export const usualIds: CallIds = { pattern: /^[\x21-\x7e]{1,40}$/, length: 24 };

/** The id itself where the service takes it, else one made of it: the same for the same id. */
export function callIdFor(id: string, { pattern, length }: CallIds): string {
  if (pattern.test(id)) return id;
  const digits = BigInt(`0x${createHash('sha256').update(id).digest('hex')}`).toString(36);
  return digits.padStart(length, '0').slice(-length);
}
