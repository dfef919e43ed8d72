import { Fault, nameOf, settingsOf, usable, z, type Bot, type Bots } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import { MAIN, type Graph } from '../graph/graph.ts';
import type { BotLook } from '../present.ts';

/** Messages and calls in one page, by default. */
export const PAGE = 200;

/** Longest message, in bytes of UTF-8. */
const MESSAGE_LIMIT = 256 * 1024;

export const conversation = z.string().min(1).describe('Id of a conversation');
export const message = z.string().min(1).describe('Id of a message or an answer');
export const lane = z.string().min(1).default(MAIN).describe('The branch; main when absent');

/** A conversation concerns the bot it belongs to. */
export const botOf = (store: ConversationStore) => (input: Readonly<Record<string, unknown>>) =>
  store.botOf(String(input.conversation));

/** Throws MESSAGE_EMPTY or MESSAGE_TOO_LARGE. */
export function assertMessage(text: string): void {
  if (text.trim() === '')
    throw new Fault('MESSAGE_EMPTY', 'The message has no text.', { details: [{ path: 'text', message: 'is empty' }] });
  const bytes = Buffer.byteLength(text);
  if (bytes > MESSAGE_LIMIT) {
    throw new Fault(
      'MESSAGE_TOO_LARGE',
      `The message has ${Math.ceil(bytes / 1024)} kB; at most ${MESSAGE_LIMIT / 1024} kB are accepted.`,
    );
  }
}

/** Whether a bot can talk: active, and with a soul that can be read. Throws BOT_INACTIVE or BOT_BROKEN. */
export function assertTalks(bot: Bot): void {
  const { status } = settingsOf(bot);
  if (status !== 'active') {
    throw new Fault('BOT_INACTIVE', `${bot.slug} is ${status}.`, { hint: `Start it with: bnity start ${bot.slug}` });
  }
  if (usable(bot.files.soul)) return;
  const [first] = bot.problems;
  const where = first ? ` ${first.file}:${first.line}: ${first.message}.` : '';
  throw new Fault('BOT_BROKEN', `${bot.slug} cannot talk.${where}`, {
    hint: `Correct the file; all problems: bnity check ${bot.slug}`,
  });
}

export async function ownerOf({ bot, slug }: Pick<Graph, 'bot' | 'slug'>, bots: Bots): Promise<BotLook> {
  try {
    return lookOf(await bots.get(bot));
  } catch {
    return { id: bot, slug, name: slug, emoji: '👻' };
  }
}

export function lookOf(bot: Bot): BotLook {
  return { id: bot.id, slug: bot.slug, name: nameOf(bot), emoji: usable(bot.files.identity)?.front.emoji ?? '🤖' };
}
