import { defineAction, z, type Bots } from 'boternity';
import type { BotMemory } from '../store/bot-memory.ts';
import { SUPERSEDED } from '../store/entry.ts';
import type { Kept } from '../store/memory-folder.ts';
import type { Memories } from '../service.ts';
import { newestFirst } from '../store/newest-first.ts';
import { bot, filter, foundElsewhereView, foundView, foundViews, memoryId, memoryView, viewOf } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'memories.list': ReturnType<typeof listMemories>;
    'memories.show': ReturnType<typeof showMemory>;
    'memories.search': ReturnType<typeof searchMemories>;
    'memories.why': ReturnType<typeof explainMemory>;
  }
}

/** Where a page ended: when its last memory was made, and its id. */
const cursor = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z\/.{1,200}$/, 'write what next said on the page before')
  .transform((text) => ({ at: Date.parse(text.split('/', 1)[0] ?? ''), id: text.slice(text.indexOf('/') + 1) }));

export function listMemories(memories: Memories) {
  return defineAction({
    name: 'memories.list',
    summary: 'Lists what a bot remembers, newest first.',
    permission: 'memories:read',
    http: 'GET /bots/{bot}/memories',
    cli: 'memory list <bot>',
    columns: ['id', 'category', 'importance', 'text', 'created_at'],
    examples: ['bnity memory list assistant', 'bnity memory list assistant --category preference --limit 200'],
    input: z.strictObject({
      bot,
      ...filter,
      before: cursor.optional().describe('Only what is older: next of the page before'),
      limit: z.number().int().min(1).max(1_000).default(50),
    }),
    output: z.object({
      memories: z.array(memoryView),
      total: z.number().describe('How many the bot has in all, whatever is asked for'),
      left_out: z.number().describe('How many more were replaced, unless these are listed too, or have expired'),
      next: z.string().nullable().describe('What to give as before for the next page'),
    }),
    async run({ bot, limit, before, ...wanted }) {
      const memory = await memories.of(bot);
      await memory.synced();
      const found: string[] = [];
      for await (const entry of newestFirst(memory.index, before)) {
        if (isMeant(entry, wanted)) found.push(entry.id);
        if (found.length > limit) break;
      }
      const page = (await memory.several(found.slice(0, limit))).map((kept) => viewOf(memory, kept));
      const { total, leftOut } = await memory.count(wanted.superseded);
      const last = page.at(-1);
      const next = found.length > limit && last ? `${last.created_at}/${last.id}` : null;
      return { memories: page, total, left_out: leftOut, next };
    },
  });
}

export function showMemory(memories: Memories) {
  return defineAction({
    name: 'memories.show',
    summary: 'Shows a memory of a bot.',
    permission: 'memories:read',
    http: 'GET /bots/{bot}/memories/{memory}',
    cli: 'memory show <bot> <memory>',
    examples: ['bnity memory show assistant 019…'],
    input: z.strictObject({ bot, memory: memoryId }),
    output: memoryView,
    async run({ bot, memory: id }) {
      const memory = await memories.of(bot);
      return viewOf(memory, await memory.get(id));
    },
  });
}

export function searchMemories(memories: Memories) {
  return defineAction({
    name: 'memories.search',
    summary:
      'Searches what a bot remembers, by words and, with an embedder, by meaning; best first, with scores, and what others share with it behind its own.',
    permission: 'memories:read',
    http: 'GET /search/memories',
    cli: 'memory search <bot> <text>',
    columns: ['score', 'category', 'text', 'id'],
    examples: [
      'bnity memory search assistant "where does Anna live"',
      'bnity memory search assistant allergies --limit 3',
    ],
    input: z.strictObject({
      bot,
      text: z.string().trim().min(1).max(4_000).describe('A question or a few words'),
      ...filter,
      least: z.number().min(0).max(1).default(0).describe('Only those that fit at least so well'),
      limit: z.number().int().min(1).max(100).default(10),
    }),
    output: z.object({ memories: z.array(foundView) }),
    async run({ bot, text, limit, least, ...wanted }, { signal }) {
      const memory = await memories.of(bot);
      await memory.ready();
      const accepts = (entry: Parameters<typeof isMeant>[0]): boolean => isMeant(entry, wanted);
      const [{ found }, others] = await Promise.all([
        memories.recall(memory, { text, limit, accepts }, signal),
        memories.elsewhere(memory.bot, { text, limit, accepts }, signal),
      ]);
      const isEnough = ({ relevance }: { relevance: number }): boolean => relevance >= least;
      const own = await foundViews(memory, found.filter(isEnough));
      return { memories: [...own, ...others.filter(isEnough).map(foundElsewhereView)].slice(0, limit) };
    },
  });
}

const commit = z.object({ id: z.string(), author: z.string(), at: z.string(), message: z.string() });

export function explainMemory(memories: Memories, bots: Bots) {
  return defineAction({
    name: 'memories.why',
    summary:
      'Tells why a bot knows something: where it was learned, what it replaced, and every commit that changed it.',
    permission: 'memories:read',
    http: 'GET /bots/{bot}/memories/{memory}/why',
    cli: 'memory why <bot> <memory>',
    examples: ['bnity memory why assistant 019…'],
    input: z.strictObject({ bot, memory: memoryId }),
    output: z.object({
      memory: memoryView,
      written_by: z.string().nullable().describe('Slug of the other bot that shared it; null where it is its own'),
      conversation: z.string().nullable().describe('Where it was learned'),
      message: z.string().nullable().describe('The message that it was learned from'),
      replaced: z.array(memoryView).describe('What it took the place of'),
      commits: z
        .array(commit)
        .describe('Newest first; empty where there is no git, or for a moment after it was learned'),
    }),
    async run({ bot, memory: id }) {
      const { memory, kept, isOwn } = await findAnywhere(memories, await memories.of(bot), id);
      await memory.commit();
      const log = await bots
        .withMemory(memory.bot, (repository) => repository.log({ path: kept.path, limit: 100 }))
        .catch(() => []);
      const { source, supersedes = [] } = kept.memory;
      return {
        memory: viewOf(memory, kept),
        written_by: isOwn ? null : memory.name,
        conversation: source.conversation ?? null,
        message: source.message ?? null,
        replaced: (await memory.several(supersedes)).map((each) => viewOf(memory, each)),
        commits: log.map(({ id, author, message }) => ({
          id,
          author: author.name,
          at: author.at.toISOString(),
          message: message.trim(),
        })),
      };
    },
  });
}

/** A memory of a bot, or one of another that this one may see: then without what concerns its author alone. */
async function findAnywhere(
  memories: Memories,
  memory: BotMemory,
  id: string,
): Promise<{ memory: BotMemory; kept: Kept; isOwn: boolean }> {
  const [own] = await memory.several([id]);
  const found = own ? undefined : await memories.oneElsewhere(memory.bot, id);
  if (!found) return { memory, kept: own ?? (await memory.get(id)), isOwn: true };
  const path = found.path.replace(/^memory\//, '');
  return { memory: await memories.of(found.author.id), kept: { memory: found.memory, path, stamp: '' }, isOwn: false };
}

interface Wanted {
  readonly kind?: string | undefined;
  readonly category?: string | undefined;
  readonly importance?: number | undefined;
  readonly conversation?: string | undefined;
  readonly superseded: boolean;
}

/** Whether a memory is one of those that are meant, by what the index knows of it. */
export function isMeant(
  { tags = [], importance, group }: { tags?: readonly string[]; importance: number; group?: string },
  wanted: Wanted,
): boolean {
  if (wanted.kind !== undefined && tags[0] !== wanted.kind) return false;
  if (wanted.category !== undefined && tags[1] !== wanted.category) return false;
  if (wanted.conversation !== undefined && group !== wanted.conversation) return false;
  if (!wanted.superseded && tags.includes(SUPERSEDED)) return false;
  return importance >= (wanted.importance ?? 1);
}
