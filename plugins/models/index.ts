import { definePlugin, redactModel, Registry, type House, type Model, type Scope } from 'boternity';
import { listModels } from './actions.ts';
import { resolveModel, standardModel, type ModelWish, type Resolved, type StandardModel } from './resolve.ts';

/** The service `models`: every model that a provider plugin offers, under `provider/id`. */
export interface Models extends Iterable<Model> {
  /** Offers a model until the consumer, or the scope that is given, ends. No secret goes to it or comes back from it. */
  add(model: Model, scope?: Scope): void;
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
    context.provide('models', (consumer) => modelsFor(consumer, registry, context.house));
    context.actions.add(listModels(registry));
  },
});

function modelsFor(consumer: Scope, registry: Registry<Model>, house: House): Models {
  return {
    add: (model, scope = consumer) => registry.add(scope, `${model.provider}/${model.id}`, redactModel(model)),
    resolve: (wish) => resolveModel(registry, wish, house.settings()),
    standard: () => standardModel(registry, house.settings()),
    *[Symbol.iterator]() {
      for (const [, model] of registry) yield model;
    },
  };
}
