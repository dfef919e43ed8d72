import { Fault, type Model, type Setting } from 'boternity';

/** What a bot asks for, most wanted first. Each is `id` or `provider/id`. */
export interface ModelWish {
  readonly prefer: readonly string[];
}

/** The model for bots that name none. */
export interface StandardModel {
  readonly id: string | null;
  readonly provider: string | null;
  readonly why: string;
}

/** Name of the provider that answers when nothing else does. */
const LAST_RESORT = 'demo';

const ADD_ONE = 'Add a provider with: bnity provider add <name> --address <url> --models <id>';

/** A model for a turn, and what was asked for and not there, if it is another. */
export interface Resolved {
  readonly model: Model;
  /** Empty where the model is one that was asked for, or none was. */
  readonly unavailable: readonly string[];
}

/**
 * The first wish that some provider offers, else the standard model. Where nobody offers what was asked for, another real provider
 * answers, and whoever asked is told; the demo never stands in for a model that somebody chose. Throws MODEL_MISSING.
 */
export function resolveModel(
  models: Iterable<[string, Model]>,
  wish: ModelWish,
  settings: readonly Setting[],
): Resolved {
  const all = [...models].map(([, model]) => model);
  const standard = settingOf(settings);
  for (const asked of [wish.prefer, standard]) {
    const model = asked.map((name) => find(all, name)).find((found) => found !== undefined);
    if (model) return { model, unavailable: asked === wish.prefer ? [] : wish.prefer };
  }
  const asked = [...wish.prefer, ...standard];
  const model = asked.length > 0 ? all.find(isReal) : firstOf(all);
  if (model) return { model, unavailable: asked };
  if (asked.length === 0) throw new Fault('MODEL_MISSING', 'No provider offers any model.', { hint: ADD_ONE });
  const offered = all.map(({ id }) => id).join(', ') || 'none';
  throw new Fault('MODEL_MISSING', `No provider offers ${asked.join(' or ')}. There are: ${offered}.`, {
    hint: 'Change the model in bot.yaml or settings.yaml, or add a provider with: bnity provider add',
  });
}

export function standardModel(models: Iterable<[string, Model]>, settings: readonly Setting[]): StandardModel {
  const all = [...models].map(([, model]) => model);
  const setting = settings.find(({ key, value }) => key === 'model' && typeof value === 'string');
  const found = setting ? find(all, String(setting.value)) : firstOf(all);
  const standIn = found ?? all.find(isReal);
  const model = { id: standIn?.id ?? null, provider: standIn?.provider ?? null };
  if (setting && !found) {
    const instead = standIn ? `${standIn.id} answers instead.` : ADD_ONE;
    return {
      ...model,
      why: `${setting.source} asks for ${String(setting.value)}, which no provider offers. ${instead}`,
    };
  }
  if (setting) return { ...model, why: `Set by ${setting.source}.` };
  if (!found) return { ...model, why: `No provider offers any model. ${ADD_ONE}` };
  if (found.provider === LAST_RESORT)
    return { ...model, why: `There is no other provider, so the built-in demo answers. ${ADD_ONE}` };
  return { ...model, why: 'The first that a provider offers. Change it with: bnity settings set model <id>' };
}

function settingOf(settings: readonly Setting[]): string[] {
  const value = settings.find((setting) => setting.key === 'model')?.value;
  return typeof value === 'string' ? [value] : [];
}

function find(all: readonly Model[], name: string): Model | undefined {
  return all.find((model) => `${model.provider}/${model.id}` === name) ?? all.find((model) => model.id === name);
}

function firstOf(all: readonly Model[]): Model | undefined {
  return all.find(isReal) ?? all[0];
}

function isReal({ provider }: Model): boolean {
  return provider !== LAST_RESORT;
}
