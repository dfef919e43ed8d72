import { Fault } from '../base/fault.ts';
import { redactor } from '../base/redact.ts';
import type { Price } from './model.ts';

export type Vector = readonly number[] | Float32Array;

/** What became of texts. */
export interface Embedding {
  /** One for each text, in their order, each with as many numbers as the embedder has dimensions. */
  readonly vectors: readonly Vector[];
  /** Tokens of all texts together; null where nobody counts them. */
  readonly tokens: number | null;
}

/** What vectors are for. Never sent; it stands in usage. */
export interface EmbedPurpose {
  readonly bot?: string;
  readonly conversation?: string;
}

/** Something that turns texts into vectors. Plugins add these to the service `models`. */
export interface Embedder {
  readonly id: string;
  /** Name of the provider: `openai`, `local`. */
  readonly provider: string;
  /** Numbers in each vector. */
  readonly dimensions: number;
  /** Undefined when unknown. */
  readonly price?: Price;
  /** Texts that one call may have, at most; whoever has more calls several times. 100 when absent. */
  readonly mostTexts?: number;
  /** Rejects with a fault when it fails, and within 100 ms of the signal. Never called without texts, nor with more than it takes. */
  embed(texts: readonly string[], signal: AbortSignal, about?: EmbedPurpose): Promise<Embedding>;
}

/** Texts in one call of an embedder that does not say how many it takes. */
const MOST_TEXTS = 100;

/** The same embedder, to which no secret goes, and whose answer is what it promised. */
export function guardEmbedder(embedder: Embedder): Embedder {
  const { id, dimensions } = embedder;
  return {
    ...embedder,
    mostTexts: embedder.mostTexts ?? MOST_TEXTS,
    async embed(texts, signal, about) {
      signal.throwIfAborted();
      const embedding = await embedder.embed(
        texts.map((text) => redactor.text(text)),
        signal,
        about,
      );
      const { vectors } = embedding;
      const isWhole = (vector: Vector): boolean =>
        vector.length === dimensions && !vector.some((number) => !Number.isFinite(number));
      if (vectors.length === texts.length && vectors.every(isWhole)) return embedding;
      throw new Fault(
        'MODEL_FAILED',
        `The embedder ${id} gave something else than ${texts.length} vectors of ${dimensions} numbers.`,
      );
    },
  };
}

/** Texts of any number, in calls as large as the embedder takes, one after the other. */
export async function embedAll(embedder: Embedder, texts: readonly string[], signal: AbortSignal): Promise<Embedding> {
  const vectors: Vector[] = [];
  let tokens: number | null = null;
  const most = embedder.mostTexts ?? MOST_TEXTS;
  for (let at = 0; at < texts.length; at += most) {
    const part = await embedder.embed(texts.slice(at, at + most), signal);
    vectors.push(...part.vectors);
    tokens = part.tokens === null ? tokens : (tokens ?? 0) + part.tokens;
  }
  return { vectors, tokens };
}
