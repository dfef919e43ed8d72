export interface DeadlineLimits {
  /** Until the first chunk, in milliseconds. */
  readonly firstMs: number;
  /** Between two chunks, in milliseconds. */
  readonly idleMs: number;
}

/** Ends a call whose service keeps silent too long, or whose caller gives up. Time in which nobody reads does not count. */
export class Deadline implements Disposable {
  /** Milliseconds of silence that ended the call; undefined while it is within time. */
  silentMs: number | undefined;
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #idleMs: number;
  readonly #stop = (): void => this.#controller.abort();
  #isWaiting = true;
  #hasHeard = false;
  #timer: NodeJS.Timeout;

  constructor(caller: AbortSignal, limits: DeadlineLimits) {
    this.#caller = caller;
    this.#idleMs = limits.idleMs;
    this.#timer = setTimeout(() => this.#expire(limits.firstMs), limits.firstMs);
    if (caller.aborted) this.#stop();
    else caller.addEventListener('abort', this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A chunk came. */
  heard(): void {
    this.#isWaiting = false;
    if (this.#hasHeard) return;
    this.#hasHeard = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#expire(this.#idleMs), this.#idleMs);
  }

  /** The next chunk is wanted. */
  wait(): void {
    this.#isWaiting = true;
    this.#timer.refresh();
  }

  /** The call is over. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#stop);
  }

  #expire(silentMs: number): void {
    if (!this.#isWaiting) return;
    this.silentMs = silentMs;
    this.#controller.abort();
  }
}

/** What is promised, or a rejection as soon as the signal says so. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new Error('aborted'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', stop));
}
