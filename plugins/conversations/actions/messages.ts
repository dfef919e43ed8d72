import { createId, defineAction, Fault, redactor, settingsOf, z, type Bot, type Bots } from 'boternity';
import type { ConversationStore, Open } from '../engine/store.ts';
import { seenNow } from '../engine/unread.ts';
import { alreadySent, append, type Message, type Turn } from '../graph/append.ts';
import type { Change, Graph, Lane } from '../graph/graph.ts';
import { MAIN } from '../graph/graph.ts';
import { isUnderWay, leadsTo, openIn } from '../graph/path.ts';
import { laneOf, nodeOf } from '../graph/rules.ts';
import { pieceOf, viewOf, type PageOptions } from '../present.ts';
import { nodeView } from '../views.ts';
import { assertMessage, assertTalks, botOf, conversation, lane, message } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'messages.send': ReturnType<typeof sendMessage>;
    'messages.list': ReturnType<typeof listMessages>;
    'messages.show': ReturnType<typeof showMessage>;
    'messages.stop': ReturnType<typeof stopMessage>;
  }
}

const TITLE_LENGTH = 60;
/** Files with one message. */
const MOST_ATTACHED = 10;

export function sendMessage(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'messages.send',
    summary: 'Sends a message; the answer comes by the events of the conversation.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/messages',
    cli: 'message send <conversation> <text>',
    examples: ['bnity message send 019… "What is new?"'],
    status: 202,
    input: z.strictObject({
      conversation,
      text: z.string(),
      lane,
      attachments: z
        .array(z.string().min(1))
        .max(MOST_ATTACHED)
        .default([])
        .describe('Files that were uploaded for this bot, by id'),
      key: z.string().min(1).max(100).optional().describe('Of your choice: a message with the same key is sent once'),
    }),
    output: z.object({
      turn: z.string(),
      message: z.string().describe('Id of the node of the message'),
      reply: z.string().describe('Id of the node that will hold the answer'),
      cursor: z.string().describe('Events after this one belong to the answer'),
    }),
    async run({ conversation: id, attachments: ids, ...input }, { caller }) {
      if (ids.length === 0 || input.text.trim() !== '') assertMessage(input.text);
      const open = await store.get(id);
      const bot = await bots.get(open.conversation.graph.bot);
      assertTalks(bot);
      const { cursor } = open.conversation.hub;
      await seenNow(store, caller, open.conversation.graph);
      const attachments = await store.attached.take(bot.id, id, ids);
      return { ...(await post(open, bot, { ...input, attachments })), cursor };
    },
  });
}

/** Puts a message into a conversation, as the bot takes messages that come while it answers. `onMade` hears of the turn before it begins. */
export async function post(
  { conversation, scheduler }: Open,
  bot: Bot,
  input: Message,
  onMade: (turn: Turn) => void = () => undefined,
): Promise<Turn> {
  const policy = settingsOf(bot).conversation.input;
  const sent = { made: { turn: '', message: '', reply: '' }, overtaken: [] as string[] };
  await conversation.commit((graph) => {
    // Compared as it is kept: secrets are taken out of what is kept.
    const known = alreadySent(graph, { ...input, text: redactor.text(input.text) });
    if (known) {
      sent.made = known;
      return [];
    }
    const open = policy === 'restart' ? openIn(graph, laneOf(graph, input.lane)) : [];
    sent.overtaken = open.filter((node) => node.lane === input.lane && isUnderWay(graph, node)).map(({ id }) => id);
    const { changes, made } = append(graph, input, policy, createId);
    sent.made = made;
    onMade(made);
    return [...titleFor(graph, input), ...changes];
  }, policy !== 'queue');
  if (sent.overtaken.length > 0)
    await scheduler.stop((node) => sent.overtaken.includes(node.id), 'Another message came.');
  scheduler.kick();
  return sent.made;
}

export function listMessages(store: ConversationStore) {
  return defineAction({
    name: 'messages.list',
    summary: 'Lists the messages of a conversation, oldest first, the last ones unless told otherwise.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'GET /conversations/{conversation}/messages',
    cli: 'message list <conversation>',
    columns: ['id', 'kind', 'state', 'text'],
    examples: ['bnity message list 019… --limit 20', 'bnity message list 019… --after 019…'],
    input: z.strictObject({
      conversation,
      lane,
      before: z.string().optional().describe('Only what comes before this message'),
      after: z.string().optional().describe('Only what comes after this message, the first of it; not beside before'),
      limit: z.number().int().min(1).max(1000).default(30).describe('So many, and the rest of a turn that is begun'),
    }),
    output: z.object({ messages: z.array(nodeView), hasMore: z.boolean().describe('In the direction that was asked') }),
    async run(input) {
      const { graph } = (await store.get(input.conversation)).conversation;
      const shown = laneOf(graph, input.lane);
      assertPlace(graph, shown, input);
      const { nodes, hasMore } = pieceOf(graph, { ...input, lane: shown });
      return { messages: nodes.map((node) => viewOf(graph, node)), hasMore };
    },
  });
}

/** Throws INPUT_INVALID for two places at once, NODE_MISSING for one that is not there. */
function assertPlace(graph: Graph, lane: Lane, { before, after }: Pick<PageOptions, 'before' | 'after'>): void {
  if (before !== undefined && after !== undefined) {
    throw new Fault('INPUT_INVALID', 'Messages come before one or after one, not both.', {
      details: [{ path: 'after', message: 'stands beside before' }],
    });
  }
  const place = before ?? after;
  if (place !== undefined && !leadsTo(graph, nodeOf(graph, place), lane.head))
    throw new Fault('NODE_MISSING', `The branch "${lane.id}" does not show the message "${place}".`);
}

export function showMessage(store: ConversationStore) {
  return defineAction({
    name: 'messages.show',
    summary: 'Shows one message, answer or call as it is now, with all its text.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'GET /conversations/{conversation}/messages/{message}',
    cli: 'message show <conversation> <message>',
    examples: ['bnity message show 019… 019…'],
    input: z.strictObject({ conversation, message }),
    output: nodeView.extend({ cursor: z.string().describe('Up to which event this is current') }),
    async run(input) {
      const { graph, hub } = (await store.get(input.conversation)).conversation;
      return { ...viewOf(graph, nodeOf(graph, input.message)), cursor: hub.cursor };
    },
  });
}

export function stopMessage(store: ConversationStore) {
  return defineAction({
    name: 'messages.stop',
    summary: 'Stops one answer, with the calls it made; answers behind it go on.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/messages/{message}/stop',
    cli: 'message stop <conversation> <message>',
    examples: ['bnity message stop 019… 019…'],
    input: z.strictObject({ conversation, message }),
    output: z.object({ stopped: z.boolean().describe('False when it had ended already') }),
    async run(input) {
      const open = await store.get(input.conversation);
      const { turn } = nodeOf(open.conversation.graph, input.message);
      return { stopped: (await open.scheduler.stop((node) => node.turn === turn)) > 0 };
    },
  });
}

/** Title until somebody gives one: the first words of the first message. */
export function titleFor(
  graph: Graph,
  { text, lane: id, attachments = [] }: Pick<Message, 'text' | 'lane' | 'attachments'>,
): Change[] {
  if (graph.title !== '' || id !== MAIN) return [];
  const line = (text.trim() || (attachments[0]?.name ?? '')).replaceAll(/\s+/g, ' ');
  return [
    { type: 'title', title: line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1).trimEnd()}…` : line },
  ];
}
