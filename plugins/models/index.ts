import { definePlugin, guardEmbedder, redactModel, Registry } from 'boternity';
import type { Embedder, Embedding, EmbedPurpose, Model, ModelRequest, Part, Scope, Setting } from 'boternity';
import { listModels } from './actions.ts';
import { catalogueFacts } from './catalogue.ts';
import { chainOf } from './chain.ts';
import { countedEmbedder } from './counted-embedder.ts';
import { embedderActions } from './embedder-actions.ts';
import { Embedders } from './embedders.ts';
import { HealthFile } from './health-file.ts';
import { observed } from './observed.ts';
import { candidatesFor, modelForBot, standardModel } from './resolve.ts';
import type { Models } from './service.ts';

export type { ChosenEmbedder, ChosenPurpose } from './chosen-embedder.ts';
export type { Models } from './service.ts';

declare module 'boternity' {
  interface Services {
    models: Models;
  }
  interface Operations {
    /** Every call of every model. Whoever counts, limits or traces calls wraps it. */
    'model.call': (model: Model, request: ModelRequest, signal: AbortSignal) => AsyncIterable<Part>;
    'model.embed': (
      embedder: Embedder,
      texts: readonly string[],
      signal: AbortSignal,
      about?: EmbedPurpose,
    ) => Promise<Embedding>;
  }
}

/** Keeps the models that providers offer, chooses those for each turn, and asks another where one fails. */
export default definePlugin({
  name: 'models',
  needs: ['actions', 'house', 'home'],
  provides: ['models'],
  async setup(context) {
    const { actions, house, home } = context;
    const registry = new Registry<Model>('model');
    const file = context.use(new HealthFile(home.files, home.log));
    await file.read();
    const { circuits } = file;
    const call = context.open('model.call', (model, request, signal) => model.stream(request, signal));
    const embed = context.open('model.embed', (embedder, ...asked) => embedder.embed(...asked));
    const settings = (): readonly Setting[] => house.settings();
    const embedders = new Embedders(circuits, settings);
    const resolve: Models['resolve'] = (wish) => {
      const { models, unavailable } = candidatesFor(registry, wish, settings());
      return { model: chainOf(models, circuits), unavailable };
    };
    const modelsFor = (consumer: Scope): Models => ({
      add: (model, scope = consumer) =>
        registry.add(scope, `${model.provider}/${model.id}`, observed(redactModel(model), call, circuits)),
      addEmbedder: (embedder, scope = consumer) =>
        embedders.add(scope, countedEmbedder(guardEmbedder(embedder), embed, circuits)),
      embedders: () => embedders.all,
      embedder: (name) => embedders.chosen(name),
      resolve,
      forBot: (bot) => modelForBot(bot, resolve),
      standard: () => standardModel(registry, settings()),
      factsOf: catalogueFacts,
      health: () => circuits.all,
      circuit: (name) => circuits.stateOf(name),
      *[Symbol.iterator]() {
        for (const [, model] of registry) yield model;
      },
    });
    house.tellProblems(() => embedders.problems);
    context.provide('models', modelsFor);
    actions.add(listModels(registry), ...embedderActions(embedders));
  },
});
