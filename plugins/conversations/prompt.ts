import {
  accountFor,
  botSections,
  renderSections,
  settingsOf,
  type Bot,
  type Message,
  type ModelRequest,
  type Section,
  type SectionAccount,
  type ToolSpec,
} from 'boternity';
import type { Wishes } from './engine/wishes.ts';

export interface Prompt {
  readonly request: ModelRequest;
  /** What each section weighs. */
  readonly account: readonly SectionAccount[];
}

/**
 * Everything a model gets for one turn. What stands before the history depends on the bot's files and tools alone; what
 * varies, the time last, stands behind it.
 */
export function promptFor(
  bot: Bot,
  tools: readonly ToolSpec[],
  messages: readonly Message[],
  now: Date,
  wishes?: Omit<Wishes, 'tools' | 'withoutTools' | 'instructions'>,
): Prompt {
  const sections = botSections(bot);
  const [before, behind] = [sections.filter(isPrefix), sections.filter((section) => !isPrefix(section))];
  const { model } = settingsOf(bot);
  const temperature = wishes?.temperature ?? model.temperature;
  const { stop = model.stop, thinking = model.thinking, schema } = wishes ?? {};
  const limits = [model.max_tokens, wishes?.maxTokens].filter((limit) => limit !== undefined);
  const maxTokens = limits.length > 0 ? Math.min(...limits) : undefined;
  const time = `Now it is ${now.toISOString().slice(0, 16)}Z.`;
  const tail = [renderSections(behind), time].filter((part) => part !== '').join('\n\n');
  return {
    request: {
      system: renderSections(before),
      tools,
      messages,
      tail,
      bot: bot.slug,
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(wishes?.toolChoice !== undefined && { toolChoice: wishes.toolChoice }),
      ...(stop.length > 0 && { stop }),
      ...(thinking !== undefined && { thinking }),
      ...(schema && { schema }),
    },
    account: accountFor(sections, tools, time),
  };
}

function isPrefix({ stability }: Section): boolean {
  return stability !== 'tail';
}
