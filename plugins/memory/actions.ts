import { defineAction, z, type Bots, type Caller } from 'boternity';
import type { Memories } from './memories.ts';
import { categories, memorySchema, type Memory } from './memory-file.ts';

declare module 'boternity' {
  interface ActionTypes {
    'memories.create': ReturnType<typeof createMemory>;
  }
}

export function createMemory(bots: Bots, memoriesOf: (bot: string) => Memories) {
  return defineAction({
    name: 'memories.create',
    summary: 'Makes a bot remember something.',
    permission: 'memories:write',
    http: 'POST /bots/{bot}/memories',
    cli: 'memory add <bot> <text>',
    examples: ['bnity memory add assistant "Answers shall be in German" --category preference --importance 5'],
    doors: ['http', 'cli', 'bot'],
    status: 201,
    input: z.strictObject({
      bot: z.string().min(1).describe('Slug or id of a bot'),
      text: z.string().trim().min(1).max(10_000).describe('One fact, in a sentence that stands alone'),
      category: z.enum(categories).default('fact'),
      importance: z.number().int().min(1).max(5).default(3).describe('5 is always at hand'),
    }),
    output: memorySchema.extend({ path: z.string().describe('File of the memory, from the bot folder') }),
    async run({ bot, text, category, importance }, { caller }) {
      const id = bots.idOf(bot);
      const given = {
        kind: 'fact' as const,
        text,
        category,
        importance,
        origin: originOf(caller),
        source: { bot: id },
      };
      const { memory, path } = await memoriesOf(id).create(given, caller, `Remember: ${firstWords(text)}`);
      return { ...memory, path };
    },
  });
}

/** People vouch for what they say; what a bot or a program learned is its own. */
function originOf(caller: Caller): Memory['origin'] {
  if (caller.kind === 'bot') return 'agent';
  return caller.kind === 'program' ? 'system' : 'owner';
}

function firstWords(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}
