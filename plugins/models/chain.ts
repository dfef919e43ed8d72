import { setTimeout as sleep } from 'node:timers/promises';
import { ahead, beginning, type Attempt, type Model, type ModelFailure, type ModelRequest, type Part } from 'boternity';
import { mayFailOver, type Circuits } from './circuits.ts';
import { noticesFor, unseenNotice } from './notices.ts';
import { sizeOf, takesImages } from './request-size.ts';

/** Longest time that is waited where the last model says when it may be asked again, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;

/**
 * Models that stand in for each other, as one: the first that may be asked and begins to answer gives the answer. Another is asked
 * only before the first word, and only after failures of the service, never of the account or of the request. What is known of it
 * beforehand (window, abilities, price) is that of the model that is likely to answer.
 */
export function chainOf(models: readonly [Model, ...Model[]], circuits: Circuits): Model {
  const likely = models.find((model) => circuits.stateOf(nameOf(model)) !== 'open') ?? models[0];
  return { ...likely, stream: (request, signal) => new Asking(models, circuits, request, signal).stream() };
}

export function nameOf({ provider, id }: Pick<Model, 'provider' | 'id'>): string {
  return `${provider}/${id}`;
}

interface Failed {
  readonly model: Model;
  readonly failure: ModelFailure;
  readonly parts: readonly Part[];
}

/** One request on its way through the models. */
class Asking {
  readonly #models: readonly [Model, ...Model[]];
  readonly #circuits: Circuits;
  readonly #request: ModelRequest;
  readonly #signal: AbortSignal;
  readonly #attempts: Attempt[] = [];
  #failed: Failed | undefined;

  constructor(models: readonly [Model, ...Model[]], circuits: Circuits, request: ModelRequest, signal: AbortSignal) {
    this.#models = models;
    this.#circuits = circuits;
    this.#request = request;
    this.#signal = signal;
  }

  async *stream(): AsyncGenerator<Part> {
    for (const model of this.#models) {
      const passed = this.#whyNot(model);
      if (passed) this.#attempts.push(passed);
      else {
        const answer = await this.#ask(model);
        if (!answer) continue;
        yield* answer;
        return;
      }
    }
    // Where everything rests, nobody is helped by being refused: what was wanted most is asked all the same.
    const last = (this.#failed ? undefined : await this.#ask(this.#models[0])) ?? (await this.#askOnceMore());
    yield* last ?? this.#giveUp();
  }

  /** The answer, or a failure that nobody else can mend. */
  async #ask(model: Model): Promise<AsyncIterable<Part> | undefined> {
    const { failure, parts } = await beginning(model.stream(this.#requestNow(), this.#signal));
    if (failure && mayFailOver(failure) && !this.#signal.aborted) {
      this.#failed = { model, failure, parts };
      this.#attempts.push(attempt(model, failure.kind, failure.message));
      return undefined;
    }
    const notices = failure
      ? []
      : [...noticesFor(this.#models[0], model, this.#attempts), ...unseenNotice(model, this.#request)];
    const first = [this.#served(model), ...notices.map((notice): Part => ({ type: 'notice', notice }))];
    return Symbol.asyncIterator in parts ? ahead(first, parts[Symbol.asyncIterator]()) : ahead([...first, ...parts]);
  }

  /** The last one may say that it takes requests again soon. */
  async #askOnceMore(): Promise<AsyncIterable<Part> | undefined> {
    const { model, failure } = this.#failed ?? {};
    const waitMs = failure?.retryAfterMs;
    if (!model || waitMs === undefined || waitMs > LONGEST_WAIT_MS) return undefined;
    await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => undefined);
    return this.#ask(model);
  }

  *#giveUp(): Generator<Part> {
    const { model, failure, parts } = this.#failed as Failed;
    const tried = this.#attempts.filter(({ why }) => why !== 'open' && why !== 'window' && why !== 'images');
    const told = new Map(tried.map((each) => [nameOf({ provider: each.provider, id: each.model }), each.message]));
    yield this.#served(model);
    if (told.size < 2) {
      yield* parts;
      return;
    }
    const message = `None of ${told.size} models answered. ${[...told].map(([name, said]) => `${name}: ${said}`).join(' ')} See: bnity provider status`;
    yield* parts.filter((part) => part.type !== 'end');
    yield { type: 'end', stop: 'error', failure: { ...failure, message } };
  }

  /** Whoever writes calls down is told why this one is made. */
  #requestNow(): ModelRequest {
    const { about } = this.#request;
    if (!about || this.#attempts.length === 0) return this.#request;
    return { ...this.#request, about: { ...about, attempts: [...this.#attempts] } };
  }

  #served({ id, provider }: Model): Part {
    return { type: 'served', served: { model: id, provider, attempts: this.#attempts } };
  }

  /** Why a model is not even asked. */
  #whyNot(model: Model): Attempt | undefined {
    const { window = Infinity, abilities } = model;
    const isOnly = this.#models.length === 1;
    if (isOnly) return undefined;
    if (model !== this.#models[0] && sizeOf(this.#request) > window)
      return attempt(model, 'window', `The conversation is longer than its ${window} tokens.`);
    if (!abilities.images && takesImages(this.#request))
      return attempt(model, 'images', 'It reads no images, and the conversation has some.');
    if (this.#circuits.mayTry(nameOf(model))) return undefined;
    const seconds = Math.ceil(this.#circuits.restOf(nameOf(model)) / 1_000);
    return attempt(model, 'open', `It failed before and rests for ${seconds} s more.`);
  }
}

function attempt({ id, provider }: Model, why: Attempt['why'], message: string): Attempt {
  return { model: id, provider, why, message };
}
