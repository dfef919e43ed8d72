import { nameOf, settingsOf, type Bot } from '../bots/bot.ts';
import type { Section } from '../bots/brought.ts';
import { factLines } from '../bots/facts.ts';
import { soulOf } from '../bots/personas.ts';
import { usable } from '../bots/file-kind.ts';

/** Where a section stands that does not say it. */
const ANYWHERE = 70;

/**
 * The sections of a bot, stable to dynamic: how it works, who it is, how it looks, whom it serves, what it knows for sure; among
 * them what plugins add to the turn. Each comes from one file, so an edit changes one section and nothing else.
 */
export function botSections(bot: Bot): Section[] {
  const { agent, agents, user, facts } = bot.files;
  const instructions = usable(agent) ?? usable(agents);
  const person = usable(user)?.body ?? '';
  const own: Section[] = [
    { id: 'instructions', order: 10, text: instructions?.body ?? '' },
    { id: 'soul', order: 20, text: soulText(soulOf(bot)) },
    { id: 'bot', order: 30, text: looksText(bot) },
    { id: 'user', order: 40, text: isWritten(person) ? person : '' },
    { id: 'facts', order: 60, text: factLines(usable(facts) ?? {}) },
  ];
  const orderOf = ({ order = ANYWHERE }: Section): number => order;
  return [...own, ...(bot.brought?.sections ?? [])].toSorted(
    (a, b) => orderOf(a) - orderOf(b) || (a.id < b.id ? -1 : 1),
  );
}

/** What a template of a bot can name. What varies from turn to turn is there and empty: it stands before the history. */
export function templateValues(bot: Bot): Record<string, Readonly<Record<string, unknown>>> {
  return {
    agent: { name: nameOf(bot), description: usable(bot.files.identity)?.front.description ?? '' },
    user: { name: usable(bot.files.user)?.front.name ?? '' },
    persona: { name: bot.persona ?? '' },
    facts: usable(bot.files.facts) ?? {},
    args: settingsOf(bot).args,
    conversation: { id: '' },
    turn: { id: '' },
  };
}

function soulText(soul: { front: { tone?: string | undefined; traits: string[] }; body: string } | undefined): string {
  const { tone, traits = [] } = soul?.front ?? {};
  return [
    tone === undefined ? '' : `tone: ${tone}`,
    traits.length > 0 ? `traits: ${traits.join(', ')}` : '',
    (soul?.body ?? '').trim(),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function looksText(bot: Bot): string {
  const description = usable(bot.files.identity)?.front.description;
  return [`name: ${nameOf(bot)}`, ...(description ? [`description: ${description}`] : [])].join('\n');
}

/** Whether a person has filled it in: a line that is not blank, no heading and no comment. */
function isWritten(body: string): boolean {
  return body
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .split('\n')
    .some((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
}
