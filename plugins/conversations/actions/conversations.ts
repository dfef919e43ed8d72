import { covers, defineAction, z, type Bots } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import { isUnread, seenNow } from '../engine/unread.ts';
import { audit } from '../graph/audit.ts';
import { MAIN } from '../graph/graph.ts';
import { archive } from '../graph/lanes.ts';
import { laneOf, nodeOf } from '../graph/rules.ts';
import { headingOf, pageOf, summaryOf } from '../present.ts';
import { conversationPage, conversationSummary } from '../views.ts';
import { assertTalks, botOf, conversation, lane, lookOf, ownerOf, PAGE } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'conversations.create': ReturnType<typeof createConversation>;
    'conversations.list': ReturnType<typeof listConversations>;
    'conversations.show': ReturnType<typeof showConversation>;
    'conversations.see': ReturnType<typeof seeConversation>;
    'conversations.stop': ReturnType<typeof stopConversation>;
    'conversations.rename': ReturnType<typeof renameConversation>;
    'conversations.archive': ReturnType<typeof archiveConversation>;
    'conversations.unarchive': ReturnType<typeof unarchiveConversation>;
    'conversations.audit': ReturnType<typeof auditConversation>;
    'conversations.delete': ReturnType<typeof deleteConversation>;
  }
}

export function createConversation(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.create',
    summary: 'Begins a conversation with a bot.',
    permission: 'bots:use',
    http: 'POST /conversations',
    cli: 'conversation create <bot>',
    examples: ['bnity conversation create assistant --json'],
    status: 201,
    input: z.strictObject({ bot: z.string().min(1).describe('Slug or id of a bot') }),
    output: conversationSummary,
    async run(input, { caller }) {
      const bot = await bots.get(input.bot);
      assertTalks(bot);
      const { conversation } = await store.create(bot);
      await seenNow(store, caller, conversation.graph);
      return summaryOf(headingOf(conversation.graph), lookOf(bot));
    },
  });
}

export function listConversations(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.list',
    summary: 'Lists conversations, latest first.',
    permission: 'bots:use',
    http: 'GET /conversations',
    cli: 'conversation list [bot]',
    listsBots: true,
    columns: ['id', 'title', 'state', 'unread', 'messages', 'createdAt', 'updatedAt', 'last'],
    examples: ['bnity conversation list', 'bnity conversation list assistant --limit 5'],
    input: z.strictObject({
      bot: z.string().min(1).optional().describe('Only those with this bot'),
      limit: z.number().int().min(1).max(1000).default(100),
      archived: z.boolean().default(false).describe('Those that are archived instead of the others'),
      waiting: z.boolean().default(false).describe('Only those in which a person has to decide on a call of a tool'),
      origin: z.enum(['person', 'api']).optional().describe('Only those that a person began, or a program by the API'),
    }),
    output: z.object({ conversations: z.array(conversationSummary) }),
    async run(input, { caller }) {
      const slug = input.bot === undefined ? undefined : (await bots.get(input.bot)).slug;
      const seen = (await store.list(slug)).filter(
        (each) =>
          each.archived === input.archived &&
          (each.waiting > 0 || !input.waiting) &&
          (input.origin ?? each.origin) === each.origin &&
          covers(caller.grants, 'bots:use', [each.slug, each.bot]),
      );
      const headings = seen.slice(0, input.limit);
      const conversations = await Promise.all(
        headings.map(async (heading) =>
          summaryOf(heading, await ownerOf(heading, bots), await isUnread(store, caller, heading)),
        ),
      );
      return { conversations };
    },
  });
}

export function showConversation(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.show',
    summary: 'Shows a conversation with its messages, and its branches.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'GET /conversations/{conversation}',
    cli: 'conversation show <conversation>',
    examples: ['bnity conversation show 019… --json'],
    input: z.strictObject({
      conversation,
      lane,
      before: z.string().optional().describe('Only what comes before this message'),
      limit: z.number().int().min(1).max(1000).default(PAGE).describe('The last so many; whole turns'),
    }),
    output: conversationPage,
    async run(input) {
      const open = await store.get(input.conversation);
      const { graph, hub } = open.conversation;
      const shown = laneOf(graph, input.lane);
      if (input.before !== undefined) nodeOf(graph, input.before);
      const look = await ownerOf(graph, bots);
      return pageOf(graph, look, hub.cursor, { lane: shown, limit: input.limit, before: input.before });
    },
  });
}

export function seeConversation(store: ConversationStore) {
  return defineAction({
    name: 'conversations.see',
    summary: 'Says that you have seen all of a conversation: it is unread when something new comes.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/see',
    cli: 'conversation see <conversation>',
    examples: ['bnity conversation see 019…'],
    input: z.strictObject({ conversation }),
    output: z.object({ conversation: z.string(), unread: z.literal(false) }),
    async run(input, { caller }) {
      await seenNow(store, caller, (await store.get(input.conversation)).conversation.graph);
      return { conversation: input.conversation, unread: false as const };
    },
  });
}

export function stopConversation(store: ConversationStore) {
  return defineAction({
    name: 'conversations.stop',
    summary: 'Stops the answer that is being written and those that wait; what has come stays.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/stop',
    cli: 'conversation stop <conversation>',
    examples: ['bnity conversation stop 019…'],
    input: z.strictObject({ conversation, lane: lane.unwrap().optional().describe('Only in this branch') }),
    output: z.object({ stopped: z.boolean().describe('False when nothing was running') }),
    async run(input) {
      const { conversation, scheduler } = await store.get(input.conversation);
      if (input.lane !== undefined) laneOf(conversation.graph, input.lane);
      const count = await scheduler.stop((node) => input.lane === undefined || node.lane === input.lane);
      return { stopped: count > 0 };
    },
  });
}

export function renameConversation(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.rename',
    summary: 'Gives a conversation, or one of its branches, a title.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'PATCH /conversations/{conversation}',
    cli: 'conversation rename <conversation> <title>',
    examples: ['bnity conversation rename 019… "Plans for spring"'],
    input: z.strictObject({
      conversation,
      title: z.string().trim().min(1).max(200),
      lane: lane.unwrap().optional().describe('The branch that gets the title'),
    }),
    output: conversationSummary,
    async run({ conversation: id, title, lane: named }) {
      const { conversation } = await store.get(id);
      const isBranch = named !== undefined && named !== MAIN;
      if (isBranch) laneOf(conversation.graph, named);
      await conversation.commit([{ type: 'title', title, by: 'person', ...(isBranch && { lane: named }) }], isBranch);
      return summaryOf(headingOf(conversation.graph), await ownerOf(conversation.graph, bots));
    },
  });
}

const laneState = z.object({ conversation: z.string(), lane: z.string(), archived: z.boolean() });

export function archiveConversation(store: ConversationStore) {
  return defineAction({
    name: 'conversations.archive',
    summary: 'Closes a conversation, or one of its branches: nothing new is written in it.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/archive',
    cli: 'conversation archive <conversation>',
    examples: ['bnity conversation archive 019…'],
    input: z.strictObject({ conversation, lane }),
    output: laneState,
    run: (input) => setArchived(store, input, true),
  });
}

export function unarchiveConversation(store: ConversationStore) {
  return defineAction({
    name: 'conversations.unarchive',
    summary: 'Opens a conversation, or one of its branches, again.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/unarchive',
    cli: 'conversation unarchive <conversation>',
    examples: ['bnity conversation unarchive 019…'],
    input: z.strictObject({ conversation, lane }),
    output: laneState,
    run: (input) => setArchived(store, input, false),
  });
}

async function setArchived(
  store: ConversationStore,
  { conversation: id, lane: named }: { conversation: string; lane: string },
  isArchived: boolean,
): Promise<z.infer<typeof laneState>> {
  const { conversation } = await store.get(id);
  await conversation.commit((graph) => archive(graph, named, isArchived), true);
  return { conversation: id, lane: named, archived: isArchived };
}

export function auditConversation(store: ConversationStore) {
  return defineAction({
    name: 'conversations.audit',
    summary: 'Proves that a conversation is sound, or says what is wrong in it.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'GET /conversations/{conversation}/audit',
    cli: 'conversation audit <conversation>',
    examples: ['bnity conversation audit 019…'],
    input: z.strictObject({ conversation }),
    output: z.object({ ok: z.boolean(), nodes: z.number(), seq: z.number(), findings: z.array(z.string()) }),
    async run(input) {
      const { graph } = (await store.get(input.conversation)).conversation;
      const findings = audit(graph);
      return { ok: findings.length === 0, nodes: graph.nodes.size, seq: graph.seq, findings };
    },
  });
}

export function deleteConversation(store: ConversationStore) {
  return defineAction({
    name: 'conversations.delete',
    summary: 'Deletes a conversation for good.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'DELETE /conversations/{conversation}',
    cli: 'conversation delete <conversation>',
    confirm: 'The conversation and all its messages are deleted for good.',
    examples: ['bnity conversation delete 019… --force'],
    input: z.strictObject({ conversation }),
    output: z.object({ id: z.string(), deleted: z.literal(true) }),
    async run(input) {
      await store.remove(input.conversation);
      return { id: input.conversation, deleted: true as const };
    },
  });
}
