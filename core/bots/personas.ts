import type { BotForTurn } from './brought.ts';
import type { Bot } from './bot.ts';
import type { SoulFile } from './bot-files.ts';
import { usable } from './file-kind.ts';

/** Names of the personas that a bot has: the folders `personas/<name>/` with a SOUL.md that can be read. */
export function personasOf({ files }: Pick<Bot, 'files'>): string[] {
  return [...files.personas].flatMap(([path, entry]) => (usable(entry) ? (path.split('/')[1] ?? []) : [])).toSorted();
}

/** The soul of a bot as it speaks now: that of its persona, where one is on. */
export function soulOf({ files, persona }: Pick<Bot, 'files' | 'persona'>): ReturnType<typeof usable<SoulFile>> {
  return usable(persona === undefined ? files.soul : files.personas.get(pathOf(persona)));
}

/** The bot of a turn with a persona on; without it, and with a notice, where the bot has none of that name. */
export function withPersona(ready: BotForTurn, persona: string | undefined): BotForTurn {
  if (persona === undefined) return ready;
  const { bot, notices } = ready;
  if (personasOf(bot).includes(persona)) return { ...ready, bot: { ...bot, persona } };
  const message = `${bot.slug} has no persona "${persona}" any more, so it answered as itself.`;
  return { ...ready, notices: [...notices, { code: 'PERSONA_MISSING', message }] };
}

function pathOf(persona: string): string {
  return `personas/${persona}/SOUL.md`;
}
