import { isIPv6 } from 'node:net';
import { Fault } from 'boternity';

/** The time in which failures are counted. */
const WINDOW_MS = 5 * 60 * 1_000;
/** Keys that are remembered; above it the oldest are forgotten. */
const MOST_KEYS = 10_000;

/** Counts failures by key (an address, an account) and makes those wait who have too many. */
export class Limiter {
  readonly #most: number;
  readonly #failures = new Map<string, number[]>();

  /** After `most` failures in five minutes it must be waited. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Throws ATTEMPTS_TOO_MANY when the key must wait. */
  assertMayTry(key: string): void {
    const now = Date.now();
    const recent = this.#recent(key, now);
    if (recent.length < this.#most) return;
    const waitMs = WINDOW_MS - (now - (recent[0] ?? now));
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    throw new Fault('ATTEMPTS_TOO_MANY', `There were too many attempts. Try again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  }

  /** Counts an attempt as failed until `forgive`: those that run side by side count as well. */
  count(key: string): void {
    const now = Date.now();
    const recent = this.#recent(key, now);
    this.#failures.delete(key);
    this.#failures.set(key, [...recent, now].slice(-this.#most));
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MOST_KEYS && oldest !== undefined) this.#failures.delete(oldest);
  }

  /** Takes the last failure of a key back: the attempt was a success. */
  forgive(key: string): void {
    this.#failures.get(key)?.pop();
  }

  #recent(key: string, now: number): number[] {
    return (this.#failures.get(key) ?? []).filter((at) => now - at < WINDOW_MS);
  }
}

/** What counts as one address: of IPv6 the first 64 bits, because whoever has one of them has them all. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail.split(':').filter(Boolean);
  const missing = address.includes('::') ? 8 - groups.length - rest.length : 0;
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...rest];
  return `${all.slice(0, 4).join(':')}::/64`;
}
