import { z, type Caller } from 'boternity';
import { categories, kinds, memorySchema, type Memory } from '../memory-file.ts';
import type { Ranked } from '../recall/rank.ts';
import type { FoundElsewhere } from '../elsewhere.ts';
import type { BotMemory } from '../store/bot-memory.ts';
import type { Kept } from '../store/memory-folder.ts';

/** A memory as doors show it. */
export const memoryView = memorySchema.extend({ path: z.string().describe('File of the memory, from the bot folder') });

export const bot = z.string().min(1).describe('Slug or id of a bot');
export const memoryId = z.string().min(1).max(200).describe('Id of a memory');
export const text = z.string().trim().min(1).max(10_000);

/** Which memories are meant. */
export const filter = {
  kind: z.enum(kinds).optional(),
  category: z.enum(categories).optional(),
  importance: z.number().int().min(1).max(5).optional().describe('At least this important'),
  conversation: z.string().min(1).optional().describe('Only what was learned in this conversation'),
  superseded: z.boolean().default(false).describe('Also those that were replaced'),
};

/** How well a memory fits. */
export const foundView = memoryView.extend({
  score: z.number().describe('How well it fits what was asked for, by words and vectors, 0 to 1'),
  rank: z.number().describe('What puts it in its place: fit, age, use and importance'),
  words: z.array(z.string()).describe('Words of the question that it has'),
  written_by: z.string().nullable().describe('Name of the other bot that shared it; null where it is its own'),
});

export function viewOf(memory: BotMemory, kept: Kept): z.output<typeof memoryView> {
  return { ...kept.memory, path: memory.fileOf(kept) };
}

/** Memories that were found, as they are now, in their order. */
export async function foundViews(memory: BotMemory, found: readonly Ranked[]): Promise<z.output<typeof foundView>[]> {
  const ranked = new Map(found.map((each) => [each.entry.id, each]));
  return (await memory.read(found.map(({ entry }) => entry))).flatMap((kept) => {
    const each = ranked.get(kept.memory.id);
    if (!each) return [];
    return [
      {
        ...viewOf(memory, kept),
        score: round(each.relevance),
        rank: round(each.score),
        words: [...each.words],
        written_by: null,
      },
    ];
  });
}

/** A memory of another bot that was found. */
export function foundElsewhereView(found: FoundElsewhere): z.output<typeof foundView> {
  const { memory, path, relevance, score, words, author } = found;
  return { ...memory, path, score: round(relevance), rank: round(score), words: [...words], written_by: author.name };
}

/** People vouch for what they say; what a bot or a program learned is its own. */
export function originOf(caller: Pick<Caller, 'kind'>): Memory['origin'] {
  if (caller.kind === 'bot') return 'agent';
  return caller.kind === 'program' ? 'system' : 'owner';
}

export function firstWords(said: string): string {
  const line = said.replaceAll(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
