import type { Caller } from 'boternity';
import type { Graph } from '../graph/graph.ts';
import type { Heading } from '../present.ts';
import type { ConversationStore } from './store.ts';

/** Whether there is something that a person has not seen, in a conversation that they had to do with. */
export async function isUnread(
  { reading }: ConversationStore,
  caller: Caller,
  { id, news }: Pick<Heading, 'id' | 'news'>,
): Promise<boolean> {
  if (caller.kind !== 'person' || news === 0) return false;
  const seen = await reading.seenBy(caller.id, id);
  return seen !== undefined && seen < news;
}

/** A person has seen all that there is. Programs see nothing. */
export async function seenNow({ reading, tell }: ConversationStore, caller: Caller, graph: Graph): Promise<void> {
  if (caller.kind !== 'person') return;
  const { id, bot, slug, news, seq } = graph;
  const before = await reading.seenBy(caller.id, id);
  await reading.mark(caller.id, id, seq);
  if (before !== undefined && before < news) tell.seen({ conversation: id, bot: { id: bot, slug }, person: caller.id });
}
