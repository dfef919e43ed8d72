import { z } from 'boternity';

/** What a conversation looks like from outside: the shapes of its actions and of its events, version 1. */

export const nodeState = z.enum([
  'pending',
  'awaiting_approval',
  'running',
  'finished',
  'errored',
  'rejected',
  'skipped',
  'stopped',
]);

export const usageView = z.object({
  input: z.number().nullable().describe('Tokens, cached ones included; null when the provider is silent'),
  output: z.number().nullable(),
  cacheRead: z.number().nullable(),
  cacheWrite: z.number().nullable(),
  cost: z.number().nullable().describe('US dollars; null where the price or the tokens are unknown'),
});

/** What one answer of a model cost, and how it ended. */
export const runView = z.object({
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled']),
  attempt: z.number(),
  model: z.string().nullable(),
  provider: z.string().nullable(),
  usage: usageView,
  firstTokenMs: z.number().nullable().describe('From the start of the run to the first piece of the answer'),
  durationMs: z.number().nullable(),
  botVersion: z
    .string()
    .nullable()
    .describe('Commit of the bot that the run used; a digest of its files without history'),
  memories: z.number().describe('How many memories of the bot stood in the prompt'),
  notices: z.array(z.object({ code: z.string(), message: z.string() })).describe('What to know beside the answer'),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  repair: z
    .object({ calls: z.number(), repaired: z.number(), usage: usageView })
    .nullable()
    .describe('A second call of the model for calls of tools that nothing could read; usage holds its tokens too'),
});

export const toolView = z.object({
  callId: z.string(),
  name: z.string(),
  arguments: z
    .string()
    .describe('JSON text with which it is carried out; as the model wrote it, where nothing was put right'),
  resolution: z
    .object({
      name: z.enum(['exact', 'alias', 'normalized', 'repaired', 'unknown']),
      arguments: z.enum(['given', 'repaired', 'invalid']),
    })
    .nullable()
    .describe('How the tool was found by the name that the model wrote, and whether its arguments were put right'),
  written: z
    .object({ name: z.string(), arguments: z.string() })
    .nullable()
    .describe('As the model wrote it, where that is not what is carried out'),
  result: z.string().nullable().describe('What the model was told'),
  details: z.unknown().describe('What only people see'),
  isError: z.boolean(),
});

/** A message in another language. */
export const translationView = z.object({
  language: z.string(),
  state: z.enum(['pending', 'done', 'failed']),
  text: z.string().describe('Of a model: as untrusted as any answer'),
  error: z.string().nullable(),
  model: z.string().nullable(),
  usage: usageView,
});

/** A file that came with a message. */
export const attachmentView = z.object({
  id: z.string(),
  name: z.string(),
  bytes: z.number(),
  media_type: z.string(),
  path: z.string().describe('Below /api/v1, where it is fetched'),
});

/** One node of the conversation's graph. */
export const nodeView = z.object({
  id: z.string(),
  turn: z.string(),
  lane: z.string().describe('The branch in which it was born; main for the first'),
  kind: z.enum(['user', 'agent', 'task', 'system', 'summary']),
  state: nodeState,
  version: z
    .object({ number: z.number(), of: z.number() })
    .describe('Which of how many versions between which people choose'),
  approval: z
    .object({ required: z.boolean() })
    .nullable()
    .describe('Set where a person is asked; required: the turn does not go on without it'),
  excluded: z.boolean().describe('Not in prompts'),
  text: z.string(),
  thinking: z.string(),
  attachments: z.array(attachmentView).describe('Files that a person sent with it'),
  tool: toolView.nullable(),
  reason: z.string().nullable().describe('Why it ended in another state than finished'),
  run: runView.nullable(),
  translations: z.array(translationView).describe('For people; no prompt holds them'),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
});
export type NodeView = z.infer<typeof nodeView>;

export const conversationSummary = z.object({
  id: z.string(),
  bot: z.object({ id: z.string(), slug: z.string(), name: z.string(), emoji: z.string() }),
  origin: z.enum(['person', 'api']).describe('Who began it: a person, or a program by the OpenAI-compatible API'),
  title: z.string().describe('The first words of the first message until it is named, by the bot or by a person'),
  state: z.enum(['idle', 'running']),
  unread: z
    .boolean()
    .describe('In lists: whether an answer, or a call to decide on, came since the caller, a person, last saw it'),
  waiting: z.number().describe('Calls of tools on which a person has to decide'),
  messages: z.number(),
  first: z.string().describe('Beginning of what a person said first'),
  last: z.string().describe('Beginning of what was said last'),
  archived: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type ConversationSummary = z.infer<typeof conversationSummary>;

/** A line of a conversation: the main one, or one that begins somewhere in another. */
export const laneView = z.object({
  id: z.string(),
  kind: z.enum(['main', 'branch', 'thread', 'checkpoint']),
  title: z.string(),
  parent: z.string().nullable(),
  from: z.string().nullable().describe('The message behind which it begins'),
  head: z.string().nullable().describe('Its last message'),
  archived: z.boolean(),
  mergedInto: z.string().nullable(),
});

export const conversationPage = conversationSummary.extend({
  persona: z.string().nullable().describe('The persona as which the bot speaks; null for itself'),
  /** The branch that is shown. */
  lane: z.string(),
  lanes: z.array(laneView),
  /** What leads to the end of the branch, oldest first. */
  nodes: z.array(nodeView),
  /** Whether there are older ones than these. */
  hasMore: z.boolean(),
  /** The node that is being answered now. */
  active: z.string().nullable(),
  /** Up to which event the page is current: open the events from here. */
  cursor: z.string(),
});
export type ConversationPage = z.infer<typeof conversationPage>;

const envelope = z.object({
  v: z.literal(1),
  conversation: z.string(),
  /** Rises by one with each event of the conversation since the server started. */
  seq: z.number(),
  at: z.string(),
});

/** The one envelope of live events. In server-sent events `id` is the cursor `epoch:seq` and `event` the type. */
export const conversationEvent = z.discriminatedUnion('type', [
  /** A node appeared or changed its state; the whole node as it is now, without repeating text that was streamed. */
  envelope.extend({
    type: z.literal('node'),
    from: nodeState.nullable().describe('State before; null for a new node'),
    node: nodeView.omit({ text: true, thinking: true }),
    /** UTF-16 length of text and thinking now. A reader that holds less reads the node again. */
    length: z.object({ text: z.number(), thinking: z.number() }),
    /** Given where it was not streamed: messages of people, results, reasons. */
    text: z.string().optional(),
  }),
  /** Text that begins at `offset` (UTF-16 units) of the node's text or thinking. Applying one twice changes nothing. */
  envelope.extend({
    type: z.literal('delta'),
    node: z.string(),
    lane: z.string(),
    channel: z.enum(['text', 'thinking']),
    offset: z.number(),
    text: z.string(),
  }),
  /** The conversation has another title. */
  envelope.extend({ type: z.literal('title'), title: z.string() }),
  /** Other messages are shown than before (another version, an edit, something taken out): read the page again. */
  envelope.extend({ type: z.literal('page') }),
  /** The reader's cursor is unknown here (too old, or of a server before): read the page again. */
  envelope.extend({ type: z.literal('reset') }),
]);
export type ConversationEvent = z.infer<typeof conversationEvent>;

type WithoutEnvelope<Event> = Event extends unknown ? Omit<Event, 'v' | 'seq' | 'at' | 'conversation'> : never;

/** An event before it is put into its envelope. */
export type ConversationNews = WithoutEnvelope<ConversationEvent>;
