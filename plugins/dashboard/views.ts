import { z } from 'boternity';

/** What the first page shows, in the form in which the actions it is gathered from tell it. */

const botLook = z.object({ id: z.string(), slug: z.string(), name: z.string(), emoji: z.string() });

export const conversationLine = z.object({
  id: z.string(),
  bot: botLook,
  title: z.string(),
  state: z.enum(['idle', 'running']),
  unread: z.boolean(),
  waiting: z.number().describe('Calls of tools on which a person has to decide'),
  last: z.string(),
  updatedAt: z.string(),
});

export const botLine = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  emoji: z.string(),
  accentColor: z.string(),
  problems: z.number(),
  waiting: z.number().describe('Changes and code that wait for a person'),
});

export const memoryLine = z.object({ id: z.string(), bot: z.string(), text: z.string(), reasons: z.array(z.string()) });

export const runLine = z.object({
  at: z.string(),
  bot: z.string().nullable(),
  conversation: z.string().nullable(),
  run: z.string().nullable(),
  provider: z.string(),
  model: z.string(),
  purpose: z.string(),
  outcome: z.string(),
  input: z.number().nullable(),
  output: z.number().nullable(),
  cost: z.number().nullable(),
  durationMs: z.number(),
});

export const providerLine = z.object({
  name: z.string(),
  type: z.string(),
  state: z.string(),
  problem: z.string().nullable(),
  calls: z.number(),
  failed: z.number(),
  lastFailure: z.object({ at: z.string(), message: z.string() }).nullable(),
  models: z.array(z.object({ id: z.string() })).transform((models) => models.length),
});

export const pluginLine = z.object({
  name: z.string(),
  state: z.string(),
  missing: z.array(z.string()),
  error: z.string().nullable(),
});

export const daySum = z.object({ day: z.string(), calls: z.number(), cost: z.number().nullable(), tokens: z.number() });
export type DaySum = z.output<typeof daySum>;

export const limitView = z.object({ dollars: z.number().nullable(), tokens: z.number().nullable() });

/** Each part is null where the plugin that it is read from does not run, or the caller may not ask it. */
export const dashboard = z.object({
  conversations: z.array(conversationLine).nullable().describe('The latest'),
  waiting: z.array(conversationLine).nullable().describe('Those in which a call of a tool waits for a person'),
  bots: z
    .object({ count: z.number(), troubled: z.array(botLine) })
    .nullable()
    .describe('How many there are, and those with problems or with changes that wait'),
  quarantine: z.array(memoryLine).nullable().describe('Shared memories on which a person has to decide'),
  plugins: z.array(pluginLine).nullable().describe('Those that do not run'),
  runs: z.array(runLine).nullable().describe('The latest calls of models'),
  providers: z.array(providerLine.extend({ models: z.number() })).nullable(),
  spend: z
    .object({ days: z.array(daySum), limit: limitView.nullable() })
    .nullable()
    .describe('The last days, today at the end'),
  mayCompare: z.boolean().describe('Whether the caller may have lists of models compared: dashboard.models'),
  pages: z.array(z.string()).describe('Paths of the pages that the caller may see'),
  failures: z.array(z.string()).describe('What could not be read, and why'),
});
export type Dashboard = z.output<typeof dashboard>;
