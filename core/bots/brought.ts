import type { FaultCode } from '../base/fault-table.ts';
import { Fault } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import type { Bot } from './bot.ts';
import type { BotForTurn } from './kept-bot.ts';

/** A part of a prompt. */
export interface Section {
  /** The tag around it. */
  readonly id: string;
  readonly text: string;
  /** prefix (as when absent): the same in every turn until a file changes, before the history. tail: behind it. */
  readonly stability?: 'prefix' | 'tail';
  /** Smaller stands further up. Of a bot's own: instructions 10, soul 20, bot 30, user 40, facts 60. 70 when absent. */
  readonly order?: number;
}

/** What a person should know beside an answer. */
export interface Notice {
  readonly code: FaultCode;
  readonly message: string;
}

/** What a plugin adds to a turn of a bot. */
export interface Brought {
  readonly sections: readonly Section[];
  /** Names of tools that the bot may use in it although bot.yaml does not name them; what bot.yaml denies or asks for stays so. */
  readonly tools: readonly string[];
  readonly notices: readonly Notice[];
}

export type Bring = (bot: Bot) => Promise<Partial<Brought> | undefined>;

/** How long a turn waits for one plugin, in milliseconds. */
const PATIENCE_MS = 3_000;

/** The bot for a turn with what plugins add to it. What fails or is late is left out, and a notice says so. */
export async function withBrought(ready: BotForTurn, brings: Iterable<[string, Bring]>, log: Log): Promise<BotForTurn> {
  const brought = await Promise.all(
    Array.from(brings, async ([plugin, bring]): Promise<Partial<Brought>> => {
      try {
        return (await inTime(bring(ready.bot))) ?? {};
      } catch (error) {
        const { message } = Fault.from(error);
        log.error('A part of a prompt could not be made', { bot: ready.bot.slug, plugin, error });
        return { notices: [{ code: 'SECTION_FAILED', message: `What ${plugin} adds was left out: ${message}` }] };
      }
    }),
  );
  const sections = brought.flatMap((each) => each.sections ?? []);
  const tools = brought.flatMap((each) => each.tools ?? []);
  const notices = [...ready.notices, ...brought.flatMap((each) => each.notices ?? [])];
  return { ...ready, bot: { ...ready.bot, brought: { sections, tools } }, notices };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Fault('SECTION_FAILED', 'it took longer than 3 seconds')), PATIENCE_MS);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
