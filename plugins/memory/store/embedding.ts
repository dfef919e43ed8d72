import type { Log, MemoryIndex } from 'boternity';
import type { ChosenEmbedder } from '../../models/index.ts';

/** Texts that are embedded together, and how long the first waits for others, in milliseconds. */
const TOGETHER = 64;
const GATHER_MS = 1_000;
/** Rest after a failure before it is tried again, in milliseconds; doubled each time. */
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 600_000;

/** Something whose entries are to have vectors. */
export interface Embedded {
  /** The bot that they belong to; undefined when they belong to several. */
  readonly bot: string | undefined;
  readonly index: MemoryIndex;
  /** What entries say, by their ids, of those that are still there. */
  texts(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Gives the memories of bots their vectors, in the background: one bot at a time, and again later where it fails. */
export class Embedding implements AsyncDisposable {
  readonly #embedder: () => ChosenEmbedder | undefined;
  readonly #log: Log;
  /** All that was ever to have vectors, and what may lack some now. */
  readonly #known = new Set<Embedded>();
  readonly #waiting = new Set<Embedded>();
  #model: string | undefined;
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #restMs = FIRST_REST_MS;

  constructor(embedder: () => ChosenEmbedder | undefined, log: Log) {
    this.#embedder = embedder;
    this.#log = log;
  }

  /** Something of a bot's memory may be without a vector. */
  want(memory: Embedded): void {
    this.#known.add(memory);
    if (!this.#embedder() || this.#stop.signal.aborted) return;
    this.#waiting.add(memory);
    if (!this.#working) this.#later(GATHER_MS);
  }

  /** Questions have vectors of this model from now on; so is everything else to have. */
  use(model: string): void {
    if (model === this.#model) return;
    this.#model = model;
    for (const memory of this.#known) this.want(memory);
  }

  /** It is no more. */
  forget(memory: Embedded): void {
    this.#known.delete(memory);
    this.#waiting.delete(memory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#working;
  }

  #later(restMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#working = this.#work().then((nextMs) => {
        this.#working = undefined;
        if (this.#waiting.size > 0) this.#later(nextMs);
      });
    }, restMs).unref();
  }

  /** Goes once over all that wait; gives the rest before the next time. */
  async #work(): Promise<number> {
    const waiting = [...this.#waiting];
    for (const next of waiting) {
      const embedder = this.#embedder();
      if (!embedder) this.#waiting.clear();
      this.#waiting.delete(next);
      if (!embedder || this.#stop.signal.aborted) break;
      try {
        await this.#embedAll(next, embedder);
        this.#restMs = FIRST_REST_MS;
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        this.#log.warn('Memories have no vectors yet; words find them meanwhile', { bot: next.bot, error });
        this.#waiting.add(next);
        const restMs = this.#restMs;
        this.#restMs = Math.min(restMs * 2, LONGEST_REST_MS);
        return restMs;
      }
    }
    return GATHER_MS;
  }

  async #embedAll(memory: Embedded, embedder: ChosenEmbedder): Promise<void> {
    // Texts that an embedder gives nothing for would be asked for ever.
    const tried = new Set<string>();
    for (;;) {
      const ids = (await memory.index.unembedded(embedder.id, TOGETHER + tried.size)).filter((id) => !tried.has(id));
      const texts = await memory.texts(ids.slice(0, TOGETHER));
      for (const id of ids.slice(0, TOGETHER)) tried.add(id);
      if (ids.length === 0) return;
      if (texts.size === 0) continue;
      const about = memory.bot === undefined ? {} : { bot: memory.bot };
      const vectors = await embedder.embed([...texts.values()], this.#stop.signal, about);
      await memory.index.embed(
        embedder.id,
        new Map([...texts.keys()].flatMap((id, at) => (vectors[at] ? [[id, vectors[at]]] : []))),
      );
    }
  }
}
