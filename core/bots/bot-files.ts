import { z } from 'zod';
import type { BotFiles } from '../kernel/names.ts';
import { facts, plainValues } from './facts.ts';
import { manyFiles, oneFile, type Entry, type FileKind, type Markdown } from './file-kind.ts';

const soul = z.looseObject({
  name: z.string().trim().min(1).optional().describe('What the bot is called'),
  traits: z.array(z.string()).default([]).describe('A few words each: curious, direct'),
  tone: z.string().optional().describe('How it speaks: warm and brief'),
});

/** What SOUL.md, the bot's or a persona's, says. */
export type SoulFile = Markdown<z.output<typeof soul>>;

const identity = z.looseObject({
  display_name: z.string().trim().min(1).optional().describe('Name shown to people; the name of SOUL.md otherwise'),
  emoji: z.string().default('🤖'),
  avatar: z.string().optional().describe('A picture: a path in the bot folder, avatars/me.png'),
  accent_color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'write a colour as #rrggbb')
    .default('#6366f1'),
  description: z.string().default(''),
  greeting: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .optional()
    .describe('The first words of a conversation; in its own words, by its model, when absent'),
  category: z.enum(['assistant', 'creative', 'research', 'utility']).default('assistant'),
  tags: z.array(z.string()).default([]),
});

const names = z.array(z.string());

const bot = z.strictObject({
  status: z
    .enum(['active', 'disabled', 'archived'])
    .default('active')
    .describe('disabled: visible, cannot talk. archived: hidden'),
  model: z
    .strictObject({
      default: z.string().optional().describe('Model id, or provider/id'),
      prefer: names.default([]).describe('Models to try first, most wanted first'),
      fallback: names
        .optional()
        .describe(
          'Models that stand in when those fail, in this order; [] for none, those of settings.yaml when absent',
        ),
      temperature: z.number().min(0).max(2).optional(),
      max_tokens: z.number().int().positive().optional(),
      thinking: z
        .enum(['off', 'low', 'medium', 'high'])
        .optional()
        .describe('How much it thinks before it answers; as the model likes when absent'),
      stop: z
        .array(z.string().min(1))
        .max(4)
        .default([])
        .meta({ title: 'Stop texts', description: 'Texts before which an answer ends' }),
    })
    .prefault({}),
  capabilities: z
    .strictObject({
      self_modify: z
        .strictObject({
          soul: z.boolean().default(false).describe('The bot may rewrite its own SOUL.md; each time is a commit'),
        })
        .prefault({}),
    })
    .prefault({}),
  mcp: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .default({})
    .describe('MCP servers by name; those that nobody approved stay off'),
  tools: z
    .strictObject({
      allow: names.default([]).describe('Tools the bot may use; * stands for any part of a name'),
      ask: names.default([]).describe('Tools a person is asked about first'),
      deny: names.default([]).describe('Tools it never gets; deny wins over ask, ask over allow'),
      required: names
        .default([])
        .describe('Tools without which a turn cannot go on: a denied call waits until it is tried again and approved'),
      repair: z
        .boolean()
        .default(true)
        .describe('Whether the model is asked once, briefly, to put calls right that no tool can read'),
    })
    .prefault({}),
  conversation: z
    .strictObject({
      input: z
        .enum(['queue', 'restart', 'refuse-stale'])
        .default('queue')
        .describe(
          'What a message does while a reply is given. queue: it waits. restart: the reply is stopped and begins anew. refuse-stale: replies that have not begun are dropped, the newest answers all',
        ),
      compact: z
        .enum(['auto', 'off'])
        .default('auto')
        .describe('auto: the oldest turns are summed up when a prompt is full. off: the turn fails then'),
      title: z
        .enum(['model', 'words'])
        .default('model')
        .describe(
          "Title of a new conversation. model: the bot's model gives one after the first answer. words: the first words of the first message",
        ),
      greeting: z
        .enum(['auto', 'off'])
        .default('auto')
        .describe('auto: in the terminal the bot says the first words. off: it waits'),
    })
    .prefault({}),
  memory: z
    .strictObject({
      recall: z
        .enum(['on', 'off'])
        .default('on')
        .describe('on: what it remembers of earlier conversations comes to its mind. off: only when it looks it up'),
      learn: z
        .enum(['on', 'off'])
        .default('on')
        .describe('on: its model notes what is worth remembering, in the background. off: only what is added by hand'),
      diary: z
        .boolean()
        .default(false)
        .describe('Whether what it learns in a day is written as a text too, in memory/diary; nobody searches it'),
      trusted_bots: names
        .default([])
        .describe('Bots, by slug or id, of whose memories it sees those that are shared with bots that trust them'),
      export: z
        .enum(['on', 'off'])
        .default('off')
        .describe('on: what it remembers can be exported without saying each time that this is wanted'),
    })
    .prefault({}),
  skills: names
    .default([])
    .describe('Skills it uses of those that all bots share, by the names of their folders in skills/'),
  args: plainValues.default({}).describe('Values of your own, in templates as args.<key>'),
});
export type BotSettings = z.output<typeof bot>;

const user = z.looseObject({
  name: z.string().trim().nullish().describe('What to call the person; in templates as user.name'),
});

/** The files every bot folder may hold. Plugins add further kinds with `bots.files`. */
export const botFiles = {
  soul: oneFile('SOUL.md', 'markdown', soul, { required: true }),
  personas: manyFiles('personas/*/SOUL.md', 'markdown', soul),
  identity: oneFile('IDENTITY.md', 'markdown', identity),
  user: oneFile('USER.md', 'markdown', user),
  agent: oneFile('AGENT.md', 'markdown', z.looseObject({})),
  agents: oneFile('AGENTS.md', 'markdown', z.looseObject({})),
  bot: oneFile('bot.yaml', 'yaml', bot),
  facts: oneFile('data/facts.yaml', 'yaml', facts),
};

type CoreFiles = typeof botFiles;

declare module '../kernel/names.ts' {
  interface BotFiles extends CoreFiles {}
}

type Held<Kind> =
  Kind extends FileKind<infer T, true>
    ? ReadonlyMap<string, Entry<T>>
    : Kind extends FileKind<infer T, false>
      ? Entry<T> | undefined
      : never;

/** The files of a bot by the names of their kinds. Inferred from the table; absent single files are undefined. */
export type BotFolder = {
  readonly [Key in keyof BotFiles]: Held<BotFiles[Key]>;
};
