import { createId, Fault, toolNameOf, type Actions, type Bots, type Caller } from 'boternity';
import type { Search } from '../search/index.ts';
import { post, titleFor } from './actions/messages.ts';
import { assertMessage, assertTalks } from './actions/shared.ts';
import type { AttachmentKeeper } from './engine/attached.ts';
import { follow, type ReplyEnd, type ReplyFact } from './engine/follow.ts';
import type { ConversationStore, Open } from './engine/store.ts';
import type { Wishes } from './engine/wishes.ts';
import { MAIN, type Origin, type RunRecord } from './graph/graph.ts';
import { branch } from './graph/lanes.ts';
import type { Throttle } from './throttle.ts';
import { newIn, toldIn, type Told } from './told.ts';
import { giveBack, recall, type Past, type ToolReturn } from './graph/past.ts';

export type { ReplyEnd, ReplyFact } from './engine/follow.ts';
export type { Wishes } from './engine/wishes.ts';
export type { AttachmentKeeper } from './engine/attached.ts';
export type { Attachment, RunRecord } from './graph/graph.ts';
export type { Told } from './told.ts';
export type { Past, ToolReturn } from './graph/past.ts';

/** What is said in a conversation that goes on: results of tools that the client carried out, words of a person, or both. */
export interface Said {
  readonly results: readonly ToolReturn[];
  readonly text: string | undefined;
}

/** A reply under way. */
export interface Reply {
  readonly conversation: string;
  readonly turn: string;
  /** What comes of it; to be read once, to its end. */
  facts(): AsyncIterable<ReplyFact>;
  /** Stops it; what has come stays. Nothing happens when it has ended. */
  stop(): Promise<void>;
}

/** The service `conversations`: what a door of another protocol needs to hold one with a bot. */
export interface Conversations {
  /** Counts a message of somebody, as a door does before it begins or goes on. Throws REQUESTS_TOO_MANY. */
  count(caller: Caller): void;
  /** Begins a conversation with what was said elsewhere and has the bot answer the last of it. Throws BOT_INACTIVE, BOT_BROKEN, INPUT_INVALID. */
  begin(
    bot: string,
    past: readonly Past[],
    options: { readonly origin: Origin; readonly wishes: Wishes },
  ): Promise<Reply>;
  /**
   * Goes on with a conversation; behind another turn than the last, in a branch. Throws CONVERSATION_MISSING, also for one with
   * another bot, and INPUT_INVALID for results that nobody asked for.
   */
  goOn(
    bot: string,
    at: { readonly conversation: string; readonly turn?: string | undefined },
    said: Said,
    wishes: Wishes,
  ): Promise<Reply>;
  /** What was said in a conversation since something was learned from it last; undefined when it cannot be read. */
  told(conversation: string): Promise<Told | undefined>;
  /** Notes that something was learned up to a turn, or that it was tried in vain. Throws CONVERSATION_MISSING. */
  learned(conversation: string, upTo: { readonly turn: string; readonly run: RunRecord }): Promise<void>;
  /** Has conversations found by their words, until what it gives is called. For the plugin that has the words found. */
  findWith(search: Search): () => void;
  /** Has files that come with messages kept by this, until what it gives is called. */
  attachWith(keeper: AttachmentKeeper): () => void;
  /** Slug of the bot whose conversation it is; undefined when there is no such conversation. */
  botOf(conversation: string): Promise<string | undefined>;
  /** A reply of before: whose it is and what came of it; without `end` while it goes on. Throws CONVERSATION_MISSING and NODE_MISSING. */
  recall(at: { readonly conversation: string; readonly turn: string }): Promise<Recalled>;
  /** Whether somebody follows it now: a page that shows it, a program that waits for the answer. */
  isRead(conversation: string): Promise<boolean>;
  /** Whether there is such a conversation with this bot in which something can be said. */
  isOpen(bot: string, conversation: string): Promise<boolean>;
}

export interface Recalled {
  readonly bot: string;
  readonly text: string;
  readonly end: ReplyEnd | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

interface Parts {
  readonly store: ConversationStore;
  readonly bots: Bots;
  readonly actions: Actions;
  readonly wishes: Map<string, Wishes>;
  readonly throttle: Throttle;
}

interface Made {
  readonly turn: string;
  readonly reply: string;
}

export function conversationsFor(parts: Parts): Conversations {
  const { store, bots } = parts;
  return {
    count: (caller) => parts.throttle.count('messages', caller),
    begin: (...asked) => store.during(() => begin(parts, ...asked)),
    goOn: (...asked) => store.during(() => goOn(parts, ...asked)),
    told: (id) => told(parts, id),
    learned: (id, { turn, run }) =>
      store.during(async () => {
        const { conversation } = await store.get(id);
        await conversation.commit(() => [{ type: 'aside', id: createId(), purpose: 'extraction', turn, run }]);
      }),
    findWith: (search) => store.finding.findWith(search),
    attachWith: (keeper) => store.attached.attachWith(keeper),
    botOf: (id) => store.botOf(id),
    isRead: (id) => store.isRead(id),
    recall: (at) => recalled(store, at),
    async isOpen(reference, conversation) {
      const { id } = await bots.get(reference);
      const open = await openOf(parts, id, conversation).catch(() => undefined);
      return open?.conversation.graph.lanes.get(MAIN)?.isArchived === false;
    },
  };
}

async function begin(
  parts: Parts,
  ...[reference, past, { origin, wishes }]: Parameters<Conversations['begin']>
): Promise<Reply> {
  const { store, bots } = parts;
  const bot = await bots.get(reference);
  assertTalks(bot);
  for (const said of past) if (said.role === 'user') assertMessage(said.text);
  const made = recall(past, createId);
  const open = await store.create(bot);
  parts.wishes.set(made.turn, wishes);
  const first = past.find(({ role }) => role === 'user');
  await open.conversation.commit((graph) => [
    ...(origin === 'person' ? [] : [{ type: 'origin' as const, origin }]),
    ...(first ? titleFor(graph, { text: first.text, lane: MAIN }) : []),
    ...made.changes,
  ]);
  open.scheduler.kick();
  return replyOf(parts, open, made);
}

async function goOn(
  parts: Parts,
  ...[reference, { conversation, turn }, { results, text }, wishes]: Parameters<Conversations['goOn']>
): Promise<Reply> {
  const { bots } = parts;
  const bot = await bots.get(reference);
  assertTalks(bot);
  if (text !== undefined) assertMessage(text);
  const open = await openOf(parts, bot.id, conversation);
  const wish = (made: Made): void => void parts.wishes.set(made.turn, wishes);
  const lane = await laneAt(open, turn);
  if (results.length === 0) return replyOf(parts, open, await post(open, bot, { text: text ?? '', lane }, wish));
  let made: Made = { turn: '', reply: '' };
  await open.conversation.commit((current) => {
    const given = giveBack(current, lane, { results, text }, createId);
    wish((made = given));
    return given.changes;
  });
  open.scheduler.kick();
  return replyOf(parts, open, made);
}

async function told({ store, actions }: Parts, id: string): Promise<Told | undefined> {
  const graph = await store.graphOf(id);
  if (!graph) return undefined;
  const isForeign = (tool: string): boolean =>
    [...actions].find((action) => toolNameOf(action) === tool)?.isForeign ?? true;
  return newIn(graph, toldIn(graph, isForeign));
}

async function recalled(store: ConversationStore, at: { conversation: string; turn: string }): Promise<Recalled> {
  const { conversation } = await store.get(at.conversation);
  const { graph } = conversation;
  const nodes = [...graph.nodes.values()].filter(({ id, turn }) => turn === at.turn && !graph.replaced.has(id));
  const first = nodes.find(({ kind }) => kind === 'agent');
  if (!first) throw new Fault('NODE_MISSING', 'This conversation has no such answer.');
  const told = { bot: graph.bot, at: Date.parse(first.createdAt) };
  if (nodes.some(({ id }) => graph.open.has(id))) return { ...told, text: first.text, end: undefined };
  let text = '';
  for await (const fact of follow(conversation, at.turn, first.id)) {
    if (fact.type === 'text') text += fact.text;
    if (fact.type === 'end') return { ...told, text, end: fact };
  }
  return { ...told, text, end: undefined };
}

async function openOf({ store }: Parts, bot: string, id: string): Promise<Open> {
  const open = await store.get(id);
  if (open.conversation.graph.bot !== bot)
    throw new Fault('CONVERSATION_MISSING', `This bot has no conversation "${id}".`);
  return open;
}

/** The lane that ends with a turn; where it does not end with it any more, a new one that begins there. */
async function laneAt({ conversation }: Open, turn: string | undefined): Promise<string> {
  if (turn === undefined) return MAIN;
  const last = [...conversation.graph.nodes.values()].findLast((node) => node.turn === turn && node.kind === 'agent');
  if (!last) throw new Fault('NODE_MISSING', 'This conversation has no such answer.');
  if (conversation.graph.lanes.get(last.lane)?.head === last.id) return last.lane;
  let lane = last.lane;
  await conversation.commit((graph) => {
    const made = branch(graph, { from: last.id, kind: 'branch', title: '' }, createId);
    lane = made.lane;
    return made.changes;
  }, true);
  return lane;
}

function replyOf({ wishes }: Parts, { conversation, scheduler }: Open, { turn, reply }: Made): Reply {
  return {
    conversation: conversation.graph.id,
    turn,
    async *facts() {
      try {
        yield* follow(conversation, turn, reply);
      } finally {
        wishes.delete(turn);
      }
    },
    async stop() {
      await scheduler.stop((node) => node.turn === turn);
    },
  };
}
