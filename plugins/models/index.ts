import {
  definePlugin,
  guardEmbedder,
  redactModel,
  Registry,
  type Embedder,
  type House,
  type Model,
  type Scope,
} from 'boternity';
import { listModels } from './actions.ts';
import { resolveModel, standardModel, type ModelWish, type Resolved, type StandardModel } from './resolve.ts';

/** The service `models`: every model that a provider plugin offers, under `provider/id`. */
export interface Models extends Iterable<Model> {
  /** Offers a model until the consumer, or the scope that is given, ends. No secret goes to it or comes back from it. */
  add(model: Model, scope?: Scope): void;
  /** Offers an embedder in the same way, under `provider/id`. */
  addEmbedder(embedder: Embedder, scope?: Scope): void;
  /** The embedders that are there, in the order in which they came. */
  embedders(): Embedder[];
  /** The model for a bot's wish, or another with what was not there. MODEL_MISSING names what was asked for and what there is. */
  resolve(wish: ModelWish): Resolved;
  /** Which model answers for bots that name none, and why. */
  standard(): StandardModel;
}

declare module 'boternity' {
  interface Services {
    models: Models;
  }
}

/** Keeps the models that providers offer and chooses one for each turn. */
export default definePlugin({
  name: 'models',
  needs: ['actions', 'house'],
  provides: ['models'],
  setup(context) {
    const registry = new Registry<Model>('model');
    const embedders = new Registry<Embedder>('embedder');
    context.provide('models', (consumer) => modelsFor(consumer, registry, embedders, context.house));
    context.actions.add(listModels(registry));
  },
});

function modelsFor(consumer: Scope, registry: Registry<Model>, embedders: Registry<Embedder>, house: House): Models {
  return {
    add: (model, scope = consumer) => registry.add(scope, `${model.provider}/${model.id}`, redactModel(model)),
    addEmbedder: (embedder, scope = consumer) =>
      embedders.add(scope, `${embedder.provider}/${embedder.id}`, guardEmbedder(embedder)),
    embedders: () => [...embedders].map(([, embedder]) => embedder),
    resolve: (wish) => resolveModel(registry, wish, house.settings()),
    standard: () => standardModel(registry, house.settings()),
    *[Symbol.iterator]() {
      for (const [, model] of registry) yield model;
    },
  };
}
