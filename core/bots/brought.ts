import type { FaultCode } from '../base/fault-table.ts';
import { Fault } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import type { Bot } from './bot.ts';

/** A part of a prompt. */
export interface Section {
  /** The tag around it. */
  readonly id: string;
  readonly text: string;
  /** prefix (as when absent): the same in every turn until a file changes, before the history. tail: behind it. */
  readonly stability?: 'prefix' | 'tail';
  /** Left out first where a prompt would not fit. */
  readonly isExpendable?: boolean;
  /** Smaller stands further up. Of a bot's own: instructions 10, soul 20, bot 30, user 40, facts 60. 70 when absent. */
  readonly order?: number;
}

/** What a person should know beside an answer. */
export interface Notice {
  readonly code: FaultCode;
  readonly message: string;
}

/** A bot at the moment a turn begins: only what is in force, and the commit that holds exactly that. */
export interface BotForTurn {
  readonly bot: Bot;
  /** Null while there is no history. */
  readonly commit: string | null;
  /** What the person should know: a change of who the bot is that waits, a part of the prompt that could not be made. */
  readonly notices: readonly Notice[];
}

/** The turn that a plugin is asked to add to; nobody has said anything yet where somebody only looks what a prompt would be. */
export interface AskedTurn {
  readonly conversation: string;
  /** Undefined where no turn begins. */
  readonly turn: string | undefined;
  /** Who began the conversation: `person`, `api`. */
  readonly origin: string;
  /** What was said in it, last first: at most eight messages of the person and answers, of the branch that the turn is in. */
  readonly said: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
}

/** What a plugin adds to a turn of a bot. */
export interface Brought {
  readonly sections: readonly Section[];
  /** Names of tools that the bot may use in it although bot.yaml does not name them, most wanted first; what bot.yaml denies or asks for stays so. */
  readonly tools: readonly string[];
  /** Names of tools that come in the same way, each call of which a person approves. */
  readonly asks: readonly string[];
  readonly notices: readonly Notice[];
  /** Ids of memories that stand in it. */
  readonly recalled: readonly string[];
}

export type Bring = (bot: Bot, asked: AskedTurn | undefined) => Promise<Partial<Brought> | undefined>;

/** How long a turn waits for one plugin, in milliseconds. */
const PATIENCE_MS = 3_000;

/** The bot for a turn with what plugins add to it. What fails or is late is left out, and a notice says so. */
export async function withBrought(
  ready: BotForTurn,
  asked: AskedTurn | undefined,
  brings: Iterable<[string, Bring]>,
  log: Log,
): Promise<BotForTurn> {
  const brought = await Promise.all(
    Array.from(brings, async ([plugin, bring]): Promise<Partial<Brought>> => {
      try {
        return (await inTime(bring(ready.bot, asked))) ?? {};
      } catch (error) {
        const { message } = Fault.from(error);
        log.error('A part of a prompt could not be made', { bot: ready.bot.slug, plugin, error });
        return { notices: [{ code: 'SECTION_FAILED', message: `What ${plugin} adds was left out: ${message}` }] };
      }
    }),
  );
  const sections = brought.flatMap((each) => each.sections ?? []);
  const tools = inTurns(brought.map((each) => each.tools ?? []));
  const asks = brought.flatMap((each) => each.asks ?? []);
  const recalled = brought.flatMap((each) => each.recalled ?? []);
  const notices = [...ready.notices, ...brought.flatMap((each) => each.notices ?? [])];
  return { ...ready, bot: { ...ready.bot, brought: { sections, tools, asks, recalled } }, notices };
}

/** The first of each list, then the second of each: where not all have room, none takes the room of all others. */
function inTurns(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list[at] ?? [])).flat();
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
