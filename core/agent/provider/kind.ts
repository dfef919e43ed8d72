import type { z } from 'zod';
import type { Embedder } from '../embedder.ts';
import type { Model, ModelFacts } from '../model.ts';
import type { ProviderAccess } from './service.ts';

/** A model that a service says it has. What it does not tell is absent. */
export interface ListedModel extends ModelFacts {
  /** It makes vectors of so many numbers, and no answers. */
  readonly dimensions?: number;
}

/**
 * A kind of provider: how to talk with services of one sort. A plugin adds one to the service `providers`; people then name it as the
 * `type` of an entry in providers.yaml. Whatever can be said without a network is said here; the rest happens in calls.
 */
export interface ProviderKind {
  /** As it stands in providers.yaml: `anthropic`. */
  readonly type: string;
  /** As people know it: `Anthropic`. */
  readonly title: string;
  /** Where its service is when the entry names no address. Without one, an entry has to. */
  readonly address?: string;
  /** Where its service is by the name of an entry or its options, when the entry names no address. */
  addressOf?(name: string, options: Readonly<Record<string, unknown>>): string | undefined;
  /** The secret that holds its key when the entry names none: `ANTHROPIC_API_KEY`. Absent for kinds that want no key. */
  readonly key?: string;
  /** A secret that reaches the service too where the key is missing: `AWS_ACCESS_KEY_ID`. Which others belong to it, the kind knows. */
  readonly keyInstead?: string;
  /** Whether a provider of this kind is there by itself once its key is. True when absent, for kinds with address and key. */
  readonly isFoundByKey?: boolean;
  /** Name of its models in the catalogue of prices; the type when absent. */
  readonly catalogue?: string;
  /** Ids that an entry offers which names none, the best to begin with first. */
  readonly models?: readonly string[];
  /** Models of it that make vectors, and of how many numbers: an entry that lists one offers it as such. */
  readonly embeddings?: Readonly<Record<string, number>>;
  /**
   * How long the vectors of one of its models are, for a kind that can look at once, on this machine; undefined for one that answers.
   * Throws a fault where the model cannot be used.
   */
  dimensionsOf?(access: ProviderAccess, id: string): number | undefined;
  /** Settings that only this kind knows, under `options` of the entry. */
  readonly options?: z.ZodObject;
  /** What its owner has to know before using it; shown wherever the provider is. */
  readonly warning?: string;
  /** A model of a provider. Nothing is loaded or connected before its first call. */
  model(access: ProviderAccess, facts: ModelFacts): Model;
  /** Asks the service which models it has. Rejects with a fault, within the signal. */
  list?(access: ProviderAccess, signal: AbortSignal): Promise<readonly ListedModel[]>;
  /** An embedder of a provider, for models that its owner lists as such. */
  embedder?(access: ProviderAccess, facts: EmbedderFacts): Embedder;
}

/** What is known of a model that makes vectors. */
export interface EmbedderFacts {
  readonly id: string;
  /** Numbers in each vector. */
  readonly dimensions: number;
}
