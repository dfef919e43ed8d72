import {
  costOf,
  dayOf,
  Fault,
  type Model,
  type ModelFailure,
  type ModelRequest,
  type Notice,
  type Setting,
} from 'boternity';
import type { Entry } from './ledger.ts';

/** Share of the limit from which on people are warned. */
const NEAR = 0.8;
/** Tokens that an answer may have where the request does not say. */
const MOST_OUTPUT = 8_192;
/** Tokens that an image is taken for: more than services count for one. */
const IMAGE_TOKENS = 3_000;
/** Bytes of text that are taken for a token: fewer than any usual text has, so that the estimate is above what comes. */
const BYTES_PER_TOKEN = 3;

export interface DayLimit {
  readonly dollars?: number | undefined;
  readonly tokens?: number | undefined;
}

export interface Spent {
  readonly tokens: number;
  readonly dollars: number;
}

/** What is asked: a model, or an embedder. */
type Priced = Pick<Model, 'id' | 'provider' | 'output' | 'price'>;

/** What a call may use at most, put aside until it is known what it did use. */
export interface Reserved extends Spent {
  /** The request, with an answer as long as it may be. */
  readonly request: ModelRequest;
  readonly notice: Notice | undefined;
}

export function limitIn(settings: readonly Setting[]): DayLimit {
  const value = settings.find(({ key }) => key === 'limit')?.value;
  return typeof value === 'object' && value !== null ? value : {};
}

/**
 * Keeps all calls of a day together within a limit. A call is let in with what it may use at most set aside, so that calls side by
 * side cannot use more than there is; what it did use takes the place of that when it ends.
 */
export class Purse {
  readonly #limit: () => DayLimit;
  readonly #now: () => Date;
  #day: string;
  #spent: Spent = { tokens: 0, dollars: 0 };
  #reserved: Spent = { tokens: 0, dollars: 0 };

  constructor(limit: () => DayLimit, now: () => Date = () => new Date()) {
    this.#limit = limit;
    this.#now = now;
    this.#day = dayOf(now());
  }

  get limit(): DayLimit {
    return this.#limit();
  }

  /** Of today, without what is set aside. */
  get spent(): Spent {
    this.#turnDay();
    return this.#spent;
  }

  /** Takes up what was used today before this start. */
  restore(entries: readonly Entry[]): void {
    for (const entry of entries) this.#spend(spentBy(entry, { tokens: 0, dollars: 0 }));
  }

  /**
   * Lets a call in, or says why not. Beside others it is let in where what it may use at most fits beside what they may; alone it
   * is while anything is left, so that a day ends with one call too many at most.
   */
  admit(model: Priced, request: ModelRequest): Reserved | ModelFailure {
    const { dollars, tokens } = this.#limit();
    if (dollars === undefined && tokens === undefined) return { request, notice: undefined, tokens: 0, dollars: 0 };
    this.#turnDay();
    if (dollars !== undefined && !model.price) return refusal(unpriced(model));
    const input = inputOf(request);
    const maxTokens = request.maxTokens ?? Math.min(model.output ?? MOST_OUTPUT, MOST_OUTPUT);
    const reserved = { tokens: input + maxTokens, dollars: boundOf(model, input, maxTokens) };
    const isAlone = this.#reserved.tokens <= 0;
    const mayEnter = isAlone ? this.#leaves({ tokens: 1, dollars: Number.EPSILON }) : this.#leaves(reserved);
    if (!mayEnter) return refusal(this.#told());
    this.#reserved = sum(this.#reserved, reserved);
    return { ...reserved, request: { ...request, maxTokens }, notice: this.#notice() };
  }

  /** A call has ended. What nobody knows of it counts as what was set aside. */
  settle(reserved: Reserved, entry: Entry): void {
    this.#turnDay();
    const { tokens, dollars } = reserved;
    this.#reserved = sum(this.#reserved, { tokens: -tokens, dollars: -dollars });
    // Nothing was used where the service refused.
    const isRefused = entry.output === null && entry.firstTokenMs === null && entry.outcome !== 'aborted';
    this.#spend(isRefused ? { tokens: 0, dollars: 0 } : spentBy(entry, reserved));
  }

  /** Whether there is room for so much beside what is used and set aside. */
  #leaves(wanted: Spent): boolean {
    const { dollars = Infinity, tokens = Infinity } = this.#limit();
    const all = sum(sum(this.#spent, this.#reserved), wanted);
    return all.tokens <= tokens && all.dollars <= dollars;
  }

  #notice(): Notice | undefined {
    const { dollars = Infinity, tokens = Infinity } = this.#limit();
    const share = Math.max(this.#spent.tokens / tokens, this.#spent.dollars / dollars);
    return share >= NEAR
      ? {
          code: 'LIMIT_NEAR',
          message: `${Math.floor(share * 100)} % of what may be used today is used: ${this.#told()}.`,
        }
      : undefined;
  }

  #told(): string {
    const { dollars, tokens } = this.#limit();
    const spent = [
      ...(dollars === undefined ? [] : [`$${this.#spent.dollars.toFixed(2)} of $${dollars.toFixed(2)}`]),
      ...(tokens === undefined ? [] : [`${this.#spent.tokens} of ${tokens} tokens`]),
    ];
    return `${spent.join(' and ')} are used`;
  }

  #spend(used: Spent): void {
    this.#spent = sum(this.#spent, used);
  }

  /** What is set aside stays so over midnight. */
  #turnDay(): void {
    const day = dayOf(this.#now());
    if (day === this.#day) return;
    this.#day = day;
    this.#spent = { tokens: 0, dollars: 0 };
  }
}

function spentBy({ input, output, cost }: Entry, unknown: Spent): Spent {
  return {
    tokens: input === null || output === null ? unknown.tokens : input + output,
    dollars: cost ?? unknown.dollars,
  };
}

function unpriced({ id, provider }: Priced): string {
  return `the price of ${id} of ${provider} is not known: write it down under facts in providers.yaml, or set the limit in tokens`;
}

/** Tokens of the input, rather too many than too few. */
function inputOf({ system, tools, messages, tail }: ModelRequest): number {
  let images = 0;
  const text = JSON.stringify([system, tools, messages, tail], (_key, value: unknown) => {
    const isImage = typeof value === 'object' && value !== null && 'base64' in value;
    if (isImage) images += 1;
    return isImage ? null : value;
  });
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + images * IMAGE_TOKENS;
}

/** The most that a call can cost. */
function boundOf({ price }: Priced, input: number, output: number): number {
  const read = costOf(price, { input, output, cacheRead: null, cacheWrite: null }) ?? 0;
  return Math.max(read, costOf(price, { input, output, cacheRead: null, cacheWrite: input }) ?? 0);
}

function sum(a: Spent, b: Spent): Spent {
  return { tokens: a.tokens + b.tokens, dollars: a.dollars + b.dollars };
}

function refusal(why: string): ModelFailure {
  const fault = new Fault('LIMIT_REACHED', `No model is asked any more today: ${why}.`);
  return { code: 'LIMIT_REACHED', kind: 'limit', message: fault.message };
}
