import type { Bot, Embedder, Model, ModelFacts, Notice, Scope } from 'boternity';
import type { ChosenEmbedder } from './chosen-embedder.ts';
import type { CircuitState, Health } from './circuits.ts';
import type { ModelWish, StandardModel } from './resolve.ts';

/** The service `models`: every model that a provider plugin offers, under `provider/id`. */
export interface Models extends Iterable<Model> {
  /** Offers a model until the consumer, or the scope that is given, ends. No secret goes to it or comes back from it. */
  add(model: Model, scope?: Scope): void;
  /** Offers an embedder in the same way, under `provider/id`. */
  addEmbedder(embedder: Embedder, scope?: Scope): void;
  /** The embedders that are there, in the order in which they came. */
  embedders(): Embedder[];
  /**
   * The embedder that memory and files use beside words: that of the setting `embedder`, or the one of this name (`id` or
   * `provider/id`). Undefined where none is chosen, or the chosen one is not there now: ask each time, it comes and goes.
   */
  embedder(name?: string): ChosenEmbedder | undefined;
  /**
   * The model for a bot's wish, which hands over to others when it fails, and what was asked for and is not there. Throws
   * MODEL_MISSING, which names what was asked for and what there is.
   */
  resolve(wish: ModelWish): { readonly model: Model; readonly unavailable: readonly string[] };
  /** The model that a bot asks for; where nobody offers it, the next best and a notice that says so. Throws MODEL_MISSING. */
  forBot(bot: Pick<Bot, 'files'>): { readonly model: Model; readonly notices: readonly Notice[] };
  /** Which model answers for bots that name none, and why. */
  standard(): StandardModel;
  /** What the catalogue knows of a model of a kind of provider, or of the service at a host. */
  factsOf(kindOrHost: string, id: string): Partial<ModelFacts>;
  /** How each model does that was called. */
  health(): readonly Health[];
  /** Whether requests go to a model, named `provider/id`. */
  circuit(name: string): CircuitState;
}
