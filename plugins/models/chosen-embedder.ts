import { setTimeout as sleep } from 'node:timers/promises';
import { failureBehind, Fault, unlessAborted, type Embedder, type EmbedPurpose, type Vector } from 'boternity';
import { nameOf } from './chain.ts';
import { mayFailOver, type Circuits } from './circuits.ts';

/** What vectors are for, and whether somebody waits for them. */
export interface ChosenPurpose extends EmbedPurpose {
  /** Somebody waits: a question. It goes beside texts that nobody waits for, not behind them. */
  readonly isUrgent?: boolean;
}

/** The embedder that the house has chosen, as plugins use it. */
export interface ChosenEmbedder {
  /** `provider/id`. Vectors compare only with those of the same one, and of as many dimensions. */
  readonly id: string;
  readonly dimensions: number;
  /**
   * Vectors of texts, in their order, each of length 1; of an empty text all zeros, of a long one that of its beginning. Texts of
   * many callers go in one call. A service that is overloaded or down is asked three times. Rejects with a fault that the caller can
   * live with, or at once with the signal's reason.
   */
  embed(texts: readonly string[], signal: AbortSignal, about?: ChosenPurpose): Promise<Float32Array[]>;
}

/** How long the first of several texts waits for the others where nobody waits for it, in milliseconds. */
const GATHER_MS = 3;
/** Longest part of a text that is read, in characters: more than small models take, less than makes a service refuse. */
const MOST_CHARACTERS = 8_000;
const MOST_TRIES = 3;
/** What is waited after the first failure, where the service does not say; after each more twice as long. In milliseconds. */
const WAIT_MS = 250;
/** Longest time for which a service may ask to wait, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;

export function chosenEmbedder(embedder: Embedder, circuits: Circuits): ChosenEmbedder {
  const urgent = new Lane(embedder, circuits, 0);
  const patient = new Lane(embedder, circuits, GATHER_MS);
  return {
    id: nameOf(embedder),
    dimensions: embedder.dimensions,
    embed: (texts, signal, { isUrgent = false, ...about } = {}) =>
      (isUrgent ? urgent : patient).embed(texts, signal, about),
  };
}

/** Texts of one caller on their way. */
interface Wish {
  readonly signal: AbortSignal;
  readonly about: EmbedPurpose;
  readonly vectors: Float32Array[];
  left: number;
  readonly done: PromiseWithResolvers<Float32Array[]>;
}

interface Piece {
  readonly wish: Wish;
  readonly text: string;
  readonly place: number;
}

/** Gathers texts of many callers into calls, one at a time. */
class Lane {
  readonly #embedder: Embedder;
  readonly #circuits: Circuits;
  readonly #gatherMs: number;
  #waiting: Piece[] = [];
  #isRunning = false;

  constructor(embedder: Embedder, circuits: Circuits, gatherMs: number) {
    this.#embedder = embedder;
    this.#circuits = circuits;
    this.#gatherMs = gatherMs;
  }

  async embed(texts: readonly string[], signal: AbortSignal, about: EmbedPurpose): Promise<Float32Array[]> {
    signal.throwIfAborted();
    const vectors = texts.map(() => new Float32Array(this.#embedder.dimensions));
    const done = Promise.withResolvers<Float32Array[]>();
    const wish: Wish = { signal, about, vectors, left: 0, done };
    for (const [place, text] of texts.entries()) {
      if (text.trim() === '') continue;
      this.#waiting.push({ wish, text: text.slice(0, MOST_CHARACTERS), place });
      wish.left += 1;
    }
    if (wish.left === 0) return vectors;
    if (!this.#isRunning) void this.#run();
    return unlessAborted(done.promise, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    if (this.#gatherMs > 0) await sleep(this.#gatherMs);
    while (this.#waiting.length > 0) {
      this.#waiting = this.#waiting.filter(({ wish }) => !wish.signal.aborted);
      await this.#call(this.#waiting.splice(0, this.#embedder.mostTexts ?? 1));
    }
    this.#isRunning = false;
  }

  /** One call. Where a service refuses texts of several callers, each gets an answer of its own: one wrong text is nobody else's. */
  async #call(pieces: readonly Piece[]): Promise<void> {
    const wishes = [...new Set(pieces.map(({ wish }) => wish))];
    if (wishes.length === 0) return;
    using wanted = new WhileWanted(wishes.map(({ signal }) => signal));
    const texts = pieces.map(({ text }) => text);
    try {
      const vectors = await this.#ask(texts, inCommon(wishes), wanted.signal);
      for (const [index, { wish, place }] of pieces.entries()) {
        wish.vectors[place]?.set(unit(vectors[index] ?? []));
        wish.left -= 1;
        if (wish.left === 0) wish.done.resolve(wish.vectors);
      }
    } catch (error) {
      const failure = failureBehind(error);
      if (wishes.length > 1 && failure && !mayFailOver(failure) && failure.kind !== 'auth') {
        for (const wish of wishes) await this.#call(pieces.filter((piece) => piece.wish === wish));
        return;
      }
      this.#waiting = this.#waiting.filter(({ wish }) => !wishes.includes(wish));
      for (const wish of wishes) wish.done.reject(error);
    }
  }

  async #ask(texts: readonly string[], about: EmbedPurpose, signal: AbortSignal): Promise<readonly Vector[]> {
    const name = nameOf(this.#embedder);
    for (let tries = 1; ; tries += 1) {
      if (!this.#circuits.mayTry(name)) {
        const seconds = Math.ceil(this.#circuits.restOf(name) / 1_000);
        throw new Fault('MODEL_FAILED', `The embedder ${name} failed before and rests for ${seconds} s more.`);
      }
      try {
        return (await this.#embedder.embed(texts, signal, about)).vectors;
      } catch (error) {
        const failure = signal.aborted ? undefined : failureBehind(error);
        const waitMs = failure?.retryAfterMs ?? WAIT_MS * 2 ** (tries - 1);
        if (!failure || !mayFailOver(failure) || tries === MOST_TRIES || waitMs > LONGEST_WAIT_MS) throw error;
        // A timer may come a moment before the time at which the circuit lets somebody in.
        await sleep(waitMs + 5, undefined, { signal });
      }
    }
  }
}

/** A signal that comes when none of several callers wants the answer any more. */
class WhileWanted implements Disposable {
  readonly #controller = new AbortController();
  readonly #signals: readonly AbortSignal[];
  readonly #look = (): void => {
    if (this.#signals.every(({ aborted }) => aborted)) this.#controller.abort();
  };

  constructor(signals: readonly AbortSignal[]) {
    this.#signals = signals;
    for (const signal of signals) signal.addEventListener('abort', this.#look);
    this.#look();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#look);
  }
}

/** What is the same for all callers of a call; what differs is left out. */
function inCommon(wishes: readonly Wish[]): EmbedPurpose {
  const [{ bot, conversation } = {}, ...rest] = wishes.map(({ about }) => about);
  const isBot = bot !== undefined && rest.every((about) => about.bot === bot);
  const isConversation = conversation !== undefined && rest.every((about) => about.conversation === conversation);
  return { ...(isBot && { bot }), ...(isConversation && { conversation }) };
}

function unit(vector: Vector): Float32Array {
  const scaled = new Float32Array(vector);
  let squares = 0;
  for (const number of scaled) squares += number * number;
  const length = Math.sqrt(squares);
  if (length > 0) for (let at = 0; at < scaled.length; at += 1) scaled[at] = (scaled[at] ?? 0) / length;
  return scaled;
}
