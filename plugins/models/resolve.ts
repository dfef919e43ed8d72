import { Fault, settingsOf, type Bot, type Model, type Setting } from 'boternity';
import type { Models } from './service.ts';

/** What a bot asks for. Each is `id` or `provider/id`. */
export interface ModelWish {
  /** Most wanted first. */
  readonly prefer: readonly string[];
  /** What may stand in, in this order; undefined where the house decides. Empty: nothing may. */
  readonly fallback?: readonly string[] | undefined;
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

/** The models for a turn. */
export interface Candidates {
  /** In the order in which they are asked. */
  readonly models: readonly [Model, ...Model[]];
  /** What was asked for and is not there, where another one answers; empty where the first is one that was asked for, or none was. */
  readonly unavailable: readonly string[];
}

/**
 * The models that a wish leads to: what is preferred, then what may stand in for it (the bot's own list, else that of the house),
 * then the standard model. Of one id the providers follow by priority. Where nobody offers anything of it, another real provider
 * answers, and whoever asked is told; the demo never stands in for a model that somebody chose. Throws MODEL_MISSING.
 */
export function candidatesFor(
  registry: Iterable<[string, Model]>,
  wish: ModelWish,
  settings: readonly Setting[],
): Candidates {
  const all = inOrder(registry);
  const house = wish.fallback ?? [...namesIn(settings, 'fallback'), ...namesIn(settings, 'model')];
  // Without any wish the standard model is what is wanted.
  const wanted = wish.prefer.length > 0 ? wish.prefer : namesIn(settings, 'model');
  const found = (names: readonly string[]): Model[] => names.flatMap((name) => named(all, name));
  const first = found(wanted);
  const [one, ...rest] = new Set([...first, ...found(house)]);
  const asked = [...new Set([...wanted, ...house])];
  if (one)
    return { models: [one, ...rest], unavailable: first.length > 0 || wish.prefer.length === 0 ? [] : wish.prefer };
  const mayStandIn = wish.fallback === undefined || wish.fallback.length > 0;
  const standIn = asked.length === 0 ? firstOf(all) : mayStandIn ? all.find(isReal) : undefined;
  if (standIn) return { models: [standIn], unavailable: asked };
  if (asked.length === 0) throw new Fault('MODEL_MISSING', 'No provider offers any model.', { hint: ADD_ONE });
  const offered = all.map(({ id }) => id).join(', ') || 'none';
  throw new Fault('MODEL_MISSING', `No provider offers ${asked.join(' or ')}. There are: ${offered}.`, {
    hint: 'Change the model in bot.yaml or settings.yaml, or add a provider with: bnity provider add',
  });
}

export function standardModel(registry: Iterable<[string, Model]>, settings: readonly Setting[]): StandardModel {
  const all = inOrder(registry);
  const setting = settings.find(({ key, value }) => key === 'model' && typeof value === 'string');
  const [found] = setting ? named(all, String(setting.value)) : [firstOf(all)];
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
  const { because = 'a plugin offers it' } = found;
  return { ...model, why: `The first that is there: ${because}. Change it with: bnity settings set model <id>` };
}

/** Those of a higher priority first; within it those that came first. */
function inOrder(registry: Iterable<[string, Model]>): Model[] {
  return Array.from(registry, ([, model]) => model).toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0));
}

function namesIn(settings: readonly Setting[], key: 'model' | 'fallback'): string[] {
  const value = settings.find((setting) => setting.key === key)?.value;
  const names: unknown[] = Array.isArray(value) ? value : [value];
  return names.filter((name) => typeof name === 'string');
}

/** The model of that provider; else of every provider that has one of that id. */
function named(all: readonly Model[], name: string): Model[] {
  const exact = all.find((model) => `${model.provider}/${model.id}` === name);
  return exact ? [exact] : all.filter((model) => model.id === name);
}

function firstOf(all: readonly Model[]): Model | undefined {
  return all.find(isReal) ?? all[0];
}

function isReal({ provider }: Model): boolean {
  return provider !== LAST_RESORT;
}

/** The model that a bot asks for; where nobody offers it, the next best and a notice that says so. */
export function modelForBot(bot: Pick<Bot, 'files'>, resolve: Models['resolve']): ReturnType<Models['forBot']> {
  const { default: standard, prefer, fallback } = settingsOf(bot).model;
  const wanted = standard === undefined ? prefer : [...prefer, standard];
  const { model, unavailable } = resolve({ prefer: wanted, fallback });
  if (unavailable.length === 0) return { model, notices: [] };
  const message = `No provider offers ${unavailable.join(' or ')}, which was asked for; ${model.id} of ${model.provider} answers instead.`;
  return { model, notices: [{ code: 'MODEL_REPLACED', message }] };
}
