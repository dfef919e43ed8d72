import { unlessAborted } from 'boternity';
import type { ChosenEmbedder, ChosenPurpose } from '../../models/index.ts';

/** How long a question waits for its vector, in milliseconds; words answer without. */
const PATIENCE_MS = 400;
/** Questions that are remembered. */
const RECENT = 32;

/** The vectors of questions. The same question is asked of several places in one turn, and has one vector. */
export class QuestionVectors {
  /** Embedder and text → its vector, oldest first. */
  readonly #recent = new Map<string, Promise<Float32Array | undefined>>();

  /** Rejects when the embedder fails or takes too long, or with the reason of the signal. */
  of(
    text: string,
    embedder: ChosenEmbedder,
    about: ChosenPurpose,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array | undefined> {
    const key = `${embedder.id} ${text}`;
    const vector = this.#recent.get(key) ?? this.#ask(key, text, embedder, about);
    return signal ? unlessAborted(vector, signal) : vector;
  }

  #ask(key: string, text: string, embedder: ChosenEmbedder, about: ChosenPurpose): Promise<Float32Array | undefined> {
    const vectors = embedder.embed([text], AbortSignal.timeout(PATIENCE_MS), { ...about, isUrgent: true });
    const vector = vectors.then(([first]) => first);
    this.#recent.set(key, vector);
    vector.catch(() => this.#recent.delete(key));
    for (const [oldest] of this.#recent) if (this.#recent.size > RECENT) this.#recent.delete(oldest);
    return vector;
  }
}
