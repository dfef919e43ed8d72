import { covers, createId, defineAction, Fault, nameOf, settingsOf, usable, z, type Bot, type Bots } from 'boternity';
import type { Change, Graph } from './graph.ts';
import { headingOf, pageOf, summaryOf, type BotLook } from './present.ts';
import type { ConversationStore } from './store.ts';
import { conversationPage, conversationSummary } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'conversations.create': ReturnType<typeof createConversation>;
    'conversations.list': ReturnType<typeof listConversations>;
    'conversations.show': ReturnType<typeof showConversation>;
    'conversations.stop': ReturnType<typeof stopConversation>;
    'conversations.delete': ReturnType<typeof deleteConversation>;
    'messages.send': ReturnType<typeof sendMessage>;
  }
}

/** Longest message, in bytes of UTF-8. */
const MESSAGE_LIMIT = 256 * 1024;

const TITLE_LENGTH = 60;

const conversation = z.string().min(1).describe('Id of a conversation');

/** A conversation concerns the bot it belongs to. */
const botOf = (store: ConversationStore) => (input: Readonly<Record<string, unknown>>) =>
  store.botOf(String(input.conversation));

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
    async run(input) {
      const bot = await bots.get(input.bot);
      assertTalks(bot);
      const { conversation } = await store.create(bot);
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
    columns: ['id', 'title', 'state', 'messages', 'updatedAt'],
    examples: ['bnity conversation list', 'bnity conversation list assistant --limit 5'],
    input: z.strictObject({
      bot: z.string().min(1).optional().describe('Only those with this bot'),
      limit: z.number().int().min(1).max(1000).default(100),
    }),
    output: z.object({ conversations: z.array(conversationSummary) }),
    async run(input, { caller }) {
      const slug = input.bot === undefined ? undefined : (await bots.get(input.bot)).slug;
      const seen = (await store.list(slug)).filter((each) => covers(caller.grants, 'bots:use', [each.slug, each.bot]));
      const headings = seen.slice(0, input.limit);
      const conversations = await Promise.all(
        headings.map(async (heading) => summaryOf(heading, await ownerOf(heading, bots))),
      );
      return { conversations };
    },
  });
}

export function showConversation(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.show',
    summary: 'Shows a conversation with all its messages.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'GET /conversations/{conversation}',
    cli: 'conversation show <conversation>',
    examples: ['bnity conversation show 019… --json'],
    input: z.strictObject({ conversation }),
    output: conversationPage,
    async run(input) {
      const { conversation, runner } = await store.get(input.conversation);
      return pageOf(
        conversation.graph,
        await ownerOf(conversation.graph, bots),
        runner.active,
        conversation.hub.cursor,
      );
    },
  });
}

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
    input: z.strictObject({ conversation, text: z.string() }),
    output: z.object({
      turn: z.string(),
      message: z.string().describe('Id of the node of the message'),
      reply: z.string().describe('Id of the node that will hold the answer'),
      cursor: z.string().describe('Events after this one belong to the answer'),
    }),
    async run(input) {
      assertMessage(input.text);
      const { conversation, runner } = await store.get(input.conversation);
      assertTalks(await bots.get(conversation.graph.bot));
      const { cursor } = conversation.hub;
      const ids = { turn: createId(), message: createId(), reply: createId() };
      await conversation.commit((graph) => [...titleFor(graph, input.text), ...turnFor(graph, input.text, ids)]);
      runner.kick();
      return { ...ids, cursor };
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
    input: z.strictObject({ conversation }),
    output: z.object({ stopped: z.boolean().describe('False when nothing was running') }),
    async run(input) {
      const { runner } = await store.get(input.conversation);
      return { stopped: await runner.stop() };
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

interface TurnIds {
  readonly turn: string;
  readonly message: string;
  readonly reply: string;
}

/** A turn: what the person said, and the node in which the bot will answer, behind whatever was last. */
function turnFor(graph: Graph, text: string, { turn, message, reply }: TurnIds): Change[] {
  const last = [...graph.nodes.keys()].at(-1);
  const birth = (id: string) => ({ id, turn, lane: 'main', version: { set: id, number: 1 } });
  return [
    { type: 'node', node: { ...birth(message), kind: 'user', state: 'finished', text } },
    ...(last === undefined ? [] : [{ type: 'edge' as const, from: last, to: message, kind: 'sequence' as const }]),
    { type: 'node', node: { ...birth(reply), kind: 'agent', state: 'pending' } },
    { type: 'edge', from: message, to: reply, kind: 'sequence' },
    { type: 'run', node: reply, run: { state: 'queued', attempt: 1 } },
  ];
}

/** Title until somebody gives one: the first words of the first message. */
function titleFor(graph: Graph, text: string): Change[] {
  if (graph.title !== '') return [];
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return [
    { type: 'title', title: line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1).trimEnd()}…` : line },
  ];
}

function assertMessage(text: string): void {
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

/** Whether a bot can talk: active, and with a soul that can be read. */
function assertTalks(bot: Bot): void {
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

async function ownerOf({ bot, slug }: Pick<Graph, 'bot' | 'slug'>, bots: Bots): Promise<BotLook> {
  try {
    return lookOf(await bots.get(bot));
  } catch {
    return { id: bot, slug, name: slug, emoji: '👻' };
  }
}

function lookOf(bot: Bot): BotLook {
  return { id: bot.id, slug: bot.slug, name: nameOf(bot), emoji: usable(bot.files.identity)?.front.emoji ?? '🤖' };
}
