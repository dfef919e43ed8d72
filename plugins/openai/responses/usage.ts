import { fieldsOf, numberOf, type Usage } from 'boternity';

/** What one stream cost. A stream that carries several responses was paid for each of them. */
export class Totals {
  #before: Usage | undefined;
  #now: Usage | undefined;

  get usage(): Usage | undefined {
    return this.#before && this.#now ? sum(this.#before, this.#now) : (this.#now ?? this.#before);
  }

  /** Another response begins; one that is told twice counts once. */
  begin(): void {
    this.#before = this.usage;
    this.#now = undefined;
  }

  add(told: unknown): void {
    if (typeof told === 'object' && told !== null) this.#now = usageIn(told);
  }
}

function usageIn(told: object): Usage {
  const usage = fieldsOf(told);
  const details = fieldsOf(usage.input_tokens_details);
  return {
    input: numberOf(usage.input_tokens) ?? null,
    output: numberOf(usage.output_tokens) ?? null,
    cacheRead: numberOf(details.cached_tokens) ?? null,
    cacheWrite: numberOf(details.cache_write_tokens) ?? null,
  };
}

function sum(one: Usage, other: Usage): Usage {
  const add = (a: number | null, b: number | null): number | null =>
    a === null && b === null ? null : (a ?? 0) + (b ?? 0);
  return {
    input: add(one.input, other.input),
    output: add(one.output, other.output),
    cacheRead: add(one.cacheRead, other.cacheRead),
    cacheWrite: add(one.cacheWrite, other.cacheWrite),
  };
}
