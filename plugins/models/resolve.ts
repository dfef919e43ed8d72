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

/**
 * The first wish that some provider offers; without wishes the standard model. A wish that nobody offers is an error,
 * never a silent change: a person chose that model for a reason.
 */
export function resolveModel(models: Iterable<[string, Model]>, wish: ModelWish, settings: readonly Setting[]): Model {
  const all = [...models].map(([, model]) => model);
  const asked = wish.prefer.length > 0 ? wish.prefer : settingOf(settings);
  for (const name of asked) {
    const found = find(all, name);
    if (found) return found;
  }
  if (asked.length > 0) {
    const offered = all.map((model) => model.id).join(', ') || 'none';
    throw new Fault('MODEL_MISSING', `No provider offers ${asked.join(' or ')}. There are: ${offered}.`, {
      hint: 'Change the model in bot.yaml or settings.yaml, or add a provider with: bnity provider add',
    });
  }
  const found = firstOf(all);
  if (!found) throw new Fault('MODEL_MISSING', 'No provider offers any model.', { hint: ADD_ONE });
  return found;
}

export function standardModel(models: Iterable<[string, Model]>, settings: readonly Setting[]): StandardModel {
  const all = [...models].map(([, model]) => model);
  const setting = settings.find(({ key, value }) => key === 'model' && typeof value === 'string');
  const found = setting ? find(all, String(setting.value)) : firstOf(all);
  const model = { id: found?.id ?? null, provider: found?.provider ?? null };
  if (setting && !found)
    return {
      ...model,
      why: `${setting.source} asks for ${String(setting.value)}, which no provider offers. ${ADD_ONE}`,
    };
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
  return all.find((model) => model.provider !== LAST_RESORT) ?? all[0];
}
