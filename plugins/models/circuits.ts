import type { ModelFailure } from 'boternity';

/** Failures in a row that open a circuit. */
const MOST_FAILURES = 3;
/** How long an open circuit keeps requests away, in milliseconds. */
const OPEN_MS = 30_000;
/** Longest time for which a service may ask to be left alone, in milliseconds. */
const LONGEST_REST_MS = 5 * 60_000;

/** What is known of how a model of a provider does. Times are ISO 8601. */
export interface Health {
  /** `provider/id`. */
  readonly name: string;
  /** Failures in a row. */
  readonly failures: number;
  /** Until then no request goes there; null while the circuit is closed. */
  readonly openUntil: string | null;
  readonly lastFailure: { readonly at: string; readonly kind: string; readonly message: string } | null;
  readonly lastSuccess: string | null;
  /** Since when calls are counted. */
  readonly since: string;
  readonly calls: number;
  readonly failed: number;
}

/** closed: requests go there. open: none does. half-open: one may try. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** Kinds that say something of the service, not of the request or the account. */
const counted: ReadonlySet<ModelFailure['kind']> = new Set(['connection', 'timeout', 'overload', 'server', 'garbage']);

/** Whether another model may be asked in the place of one that failed so. */
export function mayFailOver({ kind }: ModelFailure): boolean {
  return counted.has(kind);
}

/** The circuits of all models, shared by all requests. */
export class Circuits {
  readonly #health = new Map<string, Health>();
  /** Those that are being tried while half-open. */
  readonly #trials = new Set<string>();
  readonly #now: () => number;
  readonly #changed: (isUrgent: boolean) => void;

  /** `changed` is told of everything that should be kept; urgent is what opens or closes a circuit. */
  constructor(changed: (isUrgent: boolean) => void, now: () => number = Date.now) {
    this.#changed = changed;
    this.#now = now;
  }

  get all(): Health[] {
    return [...this.#health.values()];
  }

  /** Takes up what was kept. */
  restore(kept: readonly Health[]): void {
    for (const health of kept) if (!this.#health.has(health.name)) this.#health.set(health.name, health);
  }

  stateOf(name: string): CircuitState {
    const until = this.#health.get(name)?.openUntil;
    if (until === undefined || until === null) return 'closed';
    return Date.parse(until) > this.#now() ? 'open' : 'half-open';
  }

  /** Milliseconds until an open circuit may be tried. */
  restOf(name: string): number {
    return Math.max(0, Date.parse(this.#health.get(name)?.openUntil ?? '') - this.#now() || 0);
  }

  /** Whether a request may go there now. Of a half-open circuit the first who asks may, and has to tell what came of it. */
  mayTry(name: string): boolean {
    const state = this.stateOf(name);
    if (state === 'closed') return true;
    if (state === 'open' || this.#trials.has(name)) return false;
    this.#trials.add(name);
    return true;
  }

  /** Nothing came of a call, good or bad: it was stopped. */
  abandoned(name: string): void {
    this.#trials.delete(name);
  }

  succeeded(name: string): void {
    this.#trials.delete(name);
    const before = this.#of(name);
    const next = { ...before, failures: 0, openUntil: null, lastSuccess: this.#time(), calls: before.calls + 1 };
    this.#health.set(name, next);
    this.#changed(before.openUntil !== null);
  }

  failed(name: string, failure: ModelFailure): void {
    const isTrial = this.#trials.delete(name);
    const before = this.#of(name);
    const { kind, message, retryAfterMs } = failure;
    const failures = counted.has(kind) ? before.failures + 1 : before.failures;
    const isOpening = counted.has(kind) && (isTrial || failures >= MOST_FAILURES);
    const restMs = Math.max(isOpening ? OPEN_MS : 0, Math.min(retryAfterMs ?? 0, LONGEST_REST_MS));
    const openUntil = restMs > 0 ? this.#time(restMs) : before.openUntil;
    const lastFailure = { at: this.#time(), kind, message };
    const { calls, failed } = before;
    this.#health.set(name, { ...before, failures, openUntil, lastFailure, calls: calls + 1, failed: failed + 1 });
    this.#changed(restMs > 0);
  }

  #of(name: string): Health {
    const nothing = { failures: 0, openUntil: null, lastFailure: null, lastSuccess: null, calls: 0, failed: 0 };
    return this.#health.get(name) ?? { name, ...nothing, since: this.#time() };
  }

  #time(laterMs = 0): string {
    return new Date(this.#now() + laterMs).toISOString();
  }
}
