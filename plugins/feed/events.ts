import { z } from 'boternity';

const envelope = z.object({
  v: z.literal(1),
  /** Rises by one with each event since the server started; a reader does not see all. */
  seq: z.number(),
  at: z.string(),
});
const botNames = z.object({ id: z.string(), slug: z.string() });

const runLook = z.object({
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled']),
  attempt: z.number(),
  model: z.string().nullable(),
  provider: z.string().nullable(),
  inputTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
  durationMs: z.number().nullable(),
  error: z.string().nullable().describe('Code of the fault'),
});

/** The one envelope of the fleet's events: small, without texts of conversations. Who wants more reads it. */
export const fleetEvent = z.discriminatedUnion('type', [
  envelope.extend({
    type: z.literal('bot'),
    bot: botNames,
    change: z.enum(['added', 'changed', 'renamed', 'removed']),
    file: z.string().optional().describe('What changed, from its folder'),
    from: z.string().optional().describe('Its slug before'),
  }),
  envelope.extend({
    type: z.literal('conversation'),
    bot: botNames,
    conversation: z.string(),
    change: z.enum(['changed', 'removed']).describe('A new one is changed, too'),
    title: z.string().optional(),
    state: z.enum(['idle', 'running']).optional(),
    messages: z.number().optional(),
    archived: z.boolean().optional(),
    updatedAt: z.string().optional(),
  }),
  envelope.extend({ type: z.literal('run'), bot: botNames, conversation: z.string(), node: z.string(), run: runLook }),
  envelope
    .extend({
      type: z.literal('waiting'),
      bot: botNames,
      conversation: z.string(),
      node: z.string(),
      tool: z.string(),
    })
    .describe('A call of a tool waits for a person'),
  envelope
    .extend({ type: z.literal('seen'), bot: botNames, conversation: z.string(), person: z.string() })
    .describe('A person has seen what was new in a conversation'),
  envelope
    .extend({ type: z.literal('memory'), bot: botNames, memories: z.array(z.string()) })
    .describe('A bot has learned, changed or forgotten these memories'),
  /** The reader's cursor is unknown here (too old, or of a server before): read the lists again. */
  envelope.extend({ type: z.literal('reset') }),
]);
export type FleetEvent = z.infer<typeof fleetEvent>;

type WithoutEnvelope<Event> = Event extends unknown ? Omit<Event, 'v' | 'seq' | 'at'> : never;

/** An event before it is put into its envelope. */
export type FleetNews = WithoutEnvelope<FleetEvent>;
