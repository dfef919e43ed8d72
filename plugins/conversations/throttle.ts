import { Fault, type ActionRun, type Author } from 'boternity';

/** What one caller may ask for in a minute; 0 is as much as they like. */
export interface Rates {
  readonly messagesPerMinute: number;
  readonly stopsPerMinute: number;
}

type Kind = 'messages' | 'stops';

/** Actions that have a model answer, and those that stop it or have it try again. */
const counted: Readonly<Record<string, Kind>> = {
  'messages.send': 'messages',
  'messages.edit': 'messages',
  'messages.regenerate': 'messages',
  'messages.translate': 'messages',
  'branches.create': 'messages',
  'branches.merge': 'messages',
  'conversations.compact': 'messages',
  'messages.retry': 'stops',
  'messages.stop': 'stops',
  'conversations.stop': 'stops',
};

const words = { messages: 'messages', stops: 'stops and retries' } as const;

/** Callers that are remembered before those who have rested are forgotten. */
const MOST_KEYS = 1_000;

interface Left {
  count: number;
  atMs: number;
}

/** Lets every caller do so much in a minute, in a burst or evenly, and then makes them wait. */
export class Throttle {
  readonly #rates: Readonly<Record<Kind, number>>;
  readonly #left = new Map<string, Left>();
  readonly #nowMs: () => number;

  constructor({ messagesPerMinute, stopsPerMinute }: Rates, nowMs = () => performance.now()) {
    this.#rates = { messages: messagesPerMinute, stops: stopsPerMinute };
    this.#nowMs = nowMs;
  }

  /** Counts a run of an action. Throws REQUESTS_TOO_MANY. */
  countRun({ action, caller }: Pick<ActionRun, 'action' | 'caller'>): void {
    const kind = counted[action.name];
    if (kind) this.count(kind, caller);
  }

  /** Counts one more of a caller. Throws REQUESTS_TOO_MANY. */
  count(kind: Kind, caller: Pick<Author, 'kind' | 'id' | 'name'>): void {
    const rate = this.#rates[kind];
    if (rate === 0) return;
    const nowMs = this.#nowMs();
    const key = `${kind} ${caller.kind} ${caller.id}`;
    const left = this.#left.get(key) ?? { count: rate, atMs: nowMs };
    const count = Math.min(rate, left.count + ((nowMs - left.atMs) * rate) / 60_000);
    this.#left.set(key, { count: count < 1 ? count : count - 1, atMs: nowMs });
    if (this.#left.size > MOST_KEYS) this.#forget(nowMs);
    if (count >= 1) return;
    const retryAfterSeconds = Math.ceil(((1 - count) * 60) / rate);
    throw new Fault(
      'REQUESTS_TOO_MANY',
      `${caller.name} has sent ${rate} ${words[kind]} in a minute, which is the limit. Try again in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    );
  }

  #forget(nowMs: number): void {
    for (const [key, { atMs }] of this.#left) if (nowMs - atMs > 60_000) this.#left.delete(key);
  }
}
