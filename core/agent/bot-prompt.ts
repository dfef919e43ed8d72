import { nameOf, type Bot } from '../bots/bot.ts';
import { usable } from '../bots/file-kind.ts';
import type { Section } from './prompt.ts';

/**
 * The sections of a bot, stable to dynamic: how it works, who it is, how it looks, whom it serves. Each comes from one file,
 * so an edit changes one section and nothing else.
 */
export function botSections(bot: Bot): Section[] {
  const { agent, agents, soul, identity, user } = bot.files;
  const instructions = usable(agent) ?? usable(agents);
  const who = usable(soul);
  const looks = usable(identity)?.front;
  const traits = who?.front.traits ?? [];
  return [
    { id: 'instructions', text: instructions?.body ?? '' },
    {
      id: 'soul',
      text: [
        who?.front.tone === undefined ? '' : `tone: ${who.front.tone}`,
        traits.length > 0 ? `traits: ${traits.join(', ')}` : '',
        (who?.body ?? '').trim(),
      ]
        .filter((line) => line !== '')
        .join('\n'),
    },
    {
      id: 'bot',
      text: [`name: ${nameOf(bot)}`, looks?.description ? `description: ${looks.description}` : ''].join('\n'),
    },
    { id: 'user', text: isWritten(usable(user)?.body ?? '') ? (usable(user)?.body ?? '') : '' },
  ];
}

/** Whether a person has filled it in: a line that is not blank, no heading and no comment. */
function isWritten(body: string): boolean {
  return body
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .split('\n')
    .some((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
}
