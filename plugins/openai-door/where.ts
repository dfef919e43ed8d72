import { Fault, type Bot, type Caller, type RouteCall } from 'boternity';
import type { Conversations, Past, Reply, Said, Wishes } from '../conversations/service.ts';
import { refused } from './errors.ts';
import type { Users } from './users.ts';

/** The header that names the conversation, in requests and in answers. */
export const HEADER = 'x-boternity-conversation';

/** A request as the engine understands it, whatever protocol it came by. */
export interface Asked {
  readonly model: string;
  readonly isStream: boolean;
  readonly past: readonly Past[];
  readonly wishes: Wishes;
  readonly user: string | undefined;
  /** The answer behind which it goes on. */
  readonly previous?: { readonly conversation: string; readonly turn: string } | undefined;
  /** Field that holds the messages. */
  readonly field: string;
}

interface Who {
  readonly call: RouteCall;
  readonly caller: Caller;
  readonly bot: Bot;
  readonly asked: Asked;
}

/**
 * Has the bot answer: in the conversation that the request names, in that of its `user`, or else in a fresh one that holds all
 * the messages of the request.
 */
export async function replyTo(
  { conversations, users }: { readonly conversations: Conversations; readonly users: Users },
  { call, caller, bot, asked }: Who,
): Promise<Reply> {
  const { past, wishes, user, previous, field } = asked;
  const named = call.request.headers[HEADER];
  const goOn = (at: { readonly conversation: string; readonly turn?: string }): Promise<Reply> =>
    conversations.goOn(bot.id, at, lastIn(past, field), withInstructions(wishes, past));
  if (previous) return goOn(previous).catch(previousIsGone);
  if (typeof named === 'string' && named !== 'new') return goOn({ conversation: named });
  const wanted = user === undefined ? undefined : { bot: bot.id, caller, user };
  const known = wanted && named !== 'new' ? await users.of(wanted) : undefined;
  if (known !== undefined && (await conversations.isOpen(bot.id, known))) return goOn({ conversation: known });
  const reply = await conversations.begin(bot.id, past, { origin: 'api', wishes });
  if (!wanted) return reply;
  await users.keep(wanted, reply.conversation).catch(async (error: unknown) => {
    await reply.stop();
    throw error;
  });
  return reply;
}

function previousIsGone(error: unknown): never {
  const { code } = Fault.from(error);
  if (code !== 'NODE_MISSING' && code !== 'CONVERSATION_MISSING') throw error;
  const path = 'previous_response_id';
  throw new Fault('NODE_MISSING', 'This bot has given no such response.', {
    hint: '',
    details: [{ path, message: 'names no response' }],
  });
}

/** What is new to a conversation that holds the rest already: what stands behind the last answer. */
function lastIn(past: readonly Past[], field: string): Said {
  const fresh = past.slice(past.findLastIndex(({ role }) => role === 'assistant') + 1);
  const results = fresh.filter((said) => said.role === 'tool');
  const text = fresh.findLast((said) => said.role === 'user')?.text;
  if (text === undefined && results.length === 0)
    throw refused(field, 'Nobody speaks last: end with a message of the user, or with results of tools.');
  return { results, text };
}

/** Instructions are sent with every request; those of this one count. */
function withInstructions(wishes: Wishes, past: readonly Past[]): Wishes {
  const given = past.filter(({ role }) => role === 'system').map((said) => (said.role === 'system' ? said.text : ''));
  return given.length === 0 ? wishes : { ...wishes, instructions: given.join('\n\n') };
}
