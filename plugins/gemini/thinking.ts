import type { ModelRequest } from 'boternity';
import { generationOf } from './service.ts';

type Level = 'minimal' | 'low' | 'medium' | 'high';

/** What some models refuse and an answer can do without. */
export type Refusable = Level | 'thinking' | 'jsonSchema';

export interface ThinkingConfig {
  readonly includeThoughts?: true;
  readonly thinkingLevel?: Level;
  readonly thinkingBudget?: number;
}

/** Since then models are told a level; those before are told a number of tokens. */
const FIRST_WITH_LEVELS = 3;
const FIRST_WITH_THOUGHTS = 2.5;

/** Levels that serve a wish, the best first: not every model has all of them, and none of this age can leave thinking off. */
const levels: Readonly<Record<NonNullable<ModelRequest['thinking']>, readonly Level[]>> = {
  off: ['minimal', 'low'],
  low: ['low'],
  medium: ['medium', 'high'],
  high: ['high'],
};

/** The numbers that Google's own translation of these words uses. */
const budgets = { low: 1024, medium: 8192, high: 24_576 } as const;
/** The least of models that cannot leave it off. */
const LEAST_BUDGET = 128;

/** How much a model shall think, in the words of its generation; undefined for models that do not think. */
export function thinkingFor(
  model: string,
  wish: ModelRequest['thinking'],
  without: ReadonlySet<Refusable>,
  thinks: boolean | undefined,
): ThinkingConfig | undefined {
  const generation = generationOf(model);
  const canThink = generation === undefined ? thinks === true : generation >= FIRST_WITH_THOUGHTS;
  if (!canThink || without.has('thinking')) return undefined;
  const shown = wish === 'off' ? undefined : ({ includeThoughts: true } as const);
  if (wish === undefined) return shown;
  if (generation !== undefined && generation < FIRST_WITH_LEVELS) {
    const least = model.includes('-pro') ? LEAST_BUDGET : 0;
    return { ...shown, thinkingBudget: wish === 'off' ? least : budgets[wish] };
  }
  const level = levelFor(model, wish, without);
  return level === undefined ? shown : { ...shown, thinkingLevel: level };
}

/** The level for a wish that the model has not refused yet. */
export function levelFor(
  model: string,
  wish: ModelRequest['thinking'],
  without: ReadonlySet<Refusable>,
): Level | undefined {
  if (wish === undefined || (generationOf(model) ?? FIRST_WITH_LEVELS) < FIRST_WITH_LEVELS) return undefined;
  return levels[wish].find((level) => !without.has(level));
}
