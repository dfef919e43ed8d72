import { settingsOf, type Bot, type Message, type Model } from 'boternity';
import { promptFor, type Prompt } from '../prompt.ts';
import { fit, limitOf, tokensOf, type Fitted } from './budget.ts';
import type { TurnParts } from './job.ts';

/** A prompt without what is expendable, and with old results of tools cut where it would not fit, and what it weighs. It may still be too long. */
export interface FittedRequest extends Prompt, Omit<Fitted, 'messages'> {
  /** Estimated tokens of all but the history. */
  readonly fixed: number;
  /** Ids of the memories that stand in it. */
  readonly recalled: readonly string[];
}

export function fittedPrompt(
  turn: Omit<TurnParts, 'commit' | 'notices'>,
  history: readonly Message[],
  found: Iterable<string>,
): FittedRequest {
  const all = fitted(turn, history, found);
  const { brought } = turn.bot;
  if (all.whole <= all.limit || !brought?.sections.some(({ isExpendable }) => isExpendable)) return all;
  const sections = brought.sections.filter(({ isExpendable }) => !isExpendable);
  const bot = { ...turn.bot, brought: { ...brought, sections, recalled: [] } };
  return { ...fitted({ ...turn, bot }, history, found), whole: all.whole };
}

function fitted(
  { bot, belt, model, wishes }: Omit<TurnParts, 'commit' | 'notices'>,
  history: readonly Message[],
  found: Iterable<string>,
): FittedRequest {
  const { request, account } = promptFor(bot, belt.shown(found), history, new Date(), wishes);
  const { messages, ...weight } = fit(request, limitFor(bot, model));
  const fixed = weight.tokens - messages.reduce((sum, message) => sum + tokensOf(message), 0);
  return { request: { ...request, messages }, account, fixed, recalled: bot.brought?.recalled ?? [], ...weight };
}

/** How many tokens a bot's prompts may have with a model. */
export function limitFor(bot: Pick<Bot, 'files'>, model: Model): number {
  return limitOf(model.window, settingsOf(bot).model.max_tokens);
}
