import { refusal } from './refusal.ts';

const MINUTE_MS = 60_000;

/** Counts the requests of each caller within a minute. */
export class Limiter {
  readonly #perMinute: number;
  readonly #times = new Map<string, number[]>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Counts one more, or refuses it. */
  take(caller: string, now = performance.now()): void {
    for (const [name, times] of this.#times) if ((times.at(-1) ?? 0) < now - MINUTE_MS) this.#times.delete(name);
    const recent = (this.#times.get(caller) ?? []).filter((time) => time > now - MINUTE_MS);
    if (recent.length >= this.#perMinute)
      throw refusal('rate_limited', `More than ${this.#perMinute} requests to the web within a minute.`);
    this.#times.set(caller, [...recent, now]);
  }
}
