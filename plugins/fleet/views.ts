import { nameOf, settingsOf, usable, z, type Bot } from 'boternity';
import { origin, type Origin } from './origins.ts';

export const problemView = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  level: z.enum(['error', 'warning']),
  message: z.string(),
});

export const botSummary = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  emoji: z.string(),
  description: z.string(),
  accentColor: z.string(),
  avatar: z.string().nullable(),
  category: z.string(),
  tags: z.array(z.string()),
  status: z.enum(['active', 'disabled', 'archived']),
  model: z.string().nullable().describe('The model that its settings name; null for that of the server'),
  folder: z.string().describe('Where the bot lives on disk'),
  problems: z.number().describe('Problems of the level error'),
  waiting: z.number().describe('Changes and code that wait for a person; see approvals.list'),
});

/** Raised whenever a summary tells something else, so that those that were kept are made anew. */
export const SUMMARY_VERSION = 2;

export type BotSummary = z.infer<typeof botSummary>;

export const botDetails = botSummary.extend({
  version: z.string().describe('Digest over all its files'),
  soul: z.object({
    name: z.string().nullable(),
    tone: z.string().nullable(),
    traits: z.array(z.string()),
    body: z.string(),
  }),
  settings: z.object({
    value: z.record(z.string(), z.unknown()),
    source: z.string().describe('The file that set them'),
  }),
  origin: origin.nullable().describe('Where it came from; null when nobody saw it come'),
  found: z.array(problemView).describe('Everything that is wrong in its folder'),
  waits: z
    .array(z.object({ kind: z.enum(['identity', 'code']), path: z.string(), digest: z.string() }))
    .describe('What lies in the folder and is not in force until a person says so'),
});

export function summarize(bot: Bot): BotSummary {
  const identity = usable(bot.files.identity)?.front;
  return {
    id: bot.id,
    slug: bot.slug,
    name: nameOf(bot),
    emoji: identity?.emoji ?? '🤖',
    description: identity?.description ?? '',
    accentColor: identity?.accent_color ?? '#6366f1',
    avatar: identity?.avatar ?? null,
    category: identity?.category ?? 'assistant',
    tags: identity?.tags ?? [],
    status: settingsOf(bot).status,
    model: settingsOf(bot).model.default ?? null,
    folder: bot.folder,
    problems: bot.problems.filter((problem) => problem.level === 'error').length,
    waiting: bot.waiting.length,
  };
}

export function detail(bot: Bot, from: Origin | undefined): z.infer<typeof botDetails> {
  const soul = usable(bot.files.soul);
  return {
    ...summarize(bot),
    version: bot.version,
    soul: {
      name: soul?.front.name ?? null,
      tone: soul?.front.tone ?? null,
      traits: soul?.front.traits ?? [],
      body: soul?.body ?? '',
    },
    settings: { value: { ...settingsOf(bot) }, source: bot.files.bot ? `bots/${bot.slug}/bot.yaml` : 'default' },
    origin: from ?? null,
    found: [...bot.problems],
    waits: [...bot.waiting],
  };
}
