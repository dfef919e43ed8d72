import { covers, defineAction, z, type Bots, type Caller } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import { isUnread } from '../engine/unread.ts';
import type { Heading } from '../present.ts';

declare module 'boternity' {
  interface ActionTypes {
    'conversations.activity': ReturnType<typeof showActivity>;
  }
}

const activity = z.object({
  bot: z.string().describe('Slug of the bot'),
  conversations: z.number().describe('Those that are not archived'),
  running: z.number().describe('Conversations in which it answers now'),
  unread: z.number().describe('Conversations with something that the caller has not seen'),
  lastAt: z.string().describe('When something happened in one of them'),
  last: z.string().describe('Id of the conversation in which it did'),
});

/** What a page of all bots shows of their conversations, in one answer. */
export function showActivity(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.activity',
    summary: 'Tells of every bot how many conversations it has and when something happened in one of them.',
    permission: 'bots:use',
    http: 'GET /conversations/activity',
    cli: 'conversation activity',
    listsBots: true,
    columns: ['bot', 'conversations', 'running', 'unread', 'lastAt'],
    examples: ['bnity conversation activity'],
    input: z.strictObject({}),
    output: z.object({ bots: z.array(activity) }),
    async run(_input, { caller }) {
      const seen = (await store.list()).filter(
        (each) => !each.archived && covers(caller.grants, 'bots:use', [each.slug, each.bot]),
      );
      const groups = Map.groupBy(seen, ({ slug }) => slug);
      const present = [...groups].filter(([slug]) => bots.namesOf(slug).length > 0);
      return {
        bots: await Promise.all(present.map(([slug, headings]) => activityOf(slug, headings, store, caller))),
      };
    },
  });
}

/** Headings come latest first. */
async function activityOf(bot: string, headings: readonly Heading[], store: ConversationStore, caller: Caller) {
  const unread = await Promise.all(headings.map((each) => isUnread(store, caller, each)));
  return {
    bot,
    conversations: headings.length,
    running: headings.filter(({ state }) => state === 'running').length,
    unread: unread.filter(Boolean).length,
    lastAt: headings[0]?.updatedAt ?? '',
    last: headings[0]?.id ?? '',
  };
}
