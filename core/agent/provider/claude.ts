import type { ModelRequest } from '../model.ts';

/** [4, 5] for Claude Sonnet 4.5. */
export type ClaudeGeneration = readonly [major: number, minor: number];

const FAMILIES = 'fable|haiku|mythos|opus|sonnet';
/** Since Claude 4 the numbers stand behind the family, before it they stood in front. A date behind them is no number. */
const AFTER = new RegExp(`claude-(?:${FAMILIES})-(\\d{1,2})(?:-(\\d{1,2}))?(?!\\d)`);
const BEFORE = new RegExp(`claude-(\\d)(?:-(\\d))?-(?:${FAMILIES})`);

/** Generation of a Claude model, by its id at any service. Undefined for models of others. */
export function claudeGeneration(model: string): ClaudeGeneration | undefined {
  const found = AFTER.exec(model) ?? BEFORE.exec(model);
  return found ? [Number(found[1]), Number(found[2] ?? 0)] : undefined;
}

/** Whether a model is a Claude of this generation or a later one. */
export function isClaudeSince(model: string, major: number, minor: number): boolean {
  const generation = claudeGeneration(model);
  return generation !== undefined && (generation[0] > major || (generation[0] === major && generation[1] >= minor));
}

/** What a request to a Claude model says about thinking. */
export interface ClaudeThinking {
  readonly thinking?:
    | { readonly type: 'adaptive'; readonly display: 'summarized' }
    | { readonly type: 'enabled'; readonly budget_tokens: number }
    | { readonly type: 'disabled' | 'between_tools' };
  readonly effort?: 'low' | 'medium' | 'high';
}

const budgets = { low: 2_048, medium: 8_192, high: 16_384 } as const;
const LEAST_BUDGET = 1_024;

/**
 * How much a model shall think, as its generation wants it said. Claude 4.6 and later decide by an effort, older ones get a budget. Claude 5
 * thinks unless told not to; of later ones some only think less. Source: platform.claude.com, "Thinking".
 */
export function claudeThinking(
  model: string,
  request: Pick<ModelRequest, 'thinking' | 'toolChoice'>,
  limit: number,
): ClaudeThinking {
  if (!isClaudeSince(model, 4, 6)) return budgetFor(request, limit);
  const { thinking: wanted } = request;
  if (wanted === 'off') return offFor(model);
  if (wanted === undefined && !isClaudeSince(model, 5, 0)) return {};
  return { thinking: { type: 'adaptive', display: 'summarized' }, ...(wanted !== undefined && { effort: wanted }) };
}

/** A budget must leave room for the answer, and a call cannot be demanded together with one. */
function budgetFor(
  { thinking, toolChoice }: Pick<ModelRequest, 'thinking' | 'toolChoice'>,
  limit: number,
): ClaudeThinking {
  if (thinking === undefined || thinking === 'off' || toolChoice !== undefined) return {};
  const budget = Math.min(budgets[thinking], limit - LEAST_BUDGET);
  return budget < LEAST_BUDGET ? {} : { thinking: { type: 'enabled', budget_tokens: budget } };
}

function offFor(model: string): ClaudeThinking {
  if (!isClaudeSince(model, 5, 0)) return {};
  if (/fable|mythos/.test(model)) return { effort: 'low' };
  if (!isClaudeSince(model, 5, 1)) return { thinking: { type: 'disabled' } };
  return /opus/.test(model) ? { effort: 'low' } : { thinking: { type: 'between_tools' }, effort: 'low' };
}
