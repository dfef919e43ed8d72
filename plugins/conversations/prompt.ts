import {
  accountFor,
  botSections,
  renderSections,
  settingsOf,
  type Bot,
  type Message,
  type ModelRequest,
  type SectionAccount,
} from 'boternity';
import type { ToolBelt } from './tool-belt.ts';

export interface Prompt {
  readonly request: ModelRequest;
  /** What each section weighs. */
  readonly account: readonly SectionAccount[];
}

/** Everything a model gets for one turn. What stands before the history depends on the bot's files and tools alone. */
export function promptFor(bot: Bot, belt: ToolBelt, messages: readonly Message[], now: Date): Prompt {
  const sections = botSections(bot);
  const { temperature, max_tokens: maxTokens } = settingsOf(bot).model;
  const tail = `Now it is ${now.toISOString().slice(0, 16)}Z.`;
  return {
    request: {
      system: renderSections(sections),
      tools: belt.specs,
      messages,
      tail,
      bot: bot.slug,
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxTokens }),
    },
    account: accountFor(sections, belt.specs, tail),
  };
}
