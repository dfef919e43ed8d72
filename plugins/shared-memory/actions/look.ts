import { covers, defineAction, z, type Bots, type Caller } from 'boternity';
import type { SharedMemories } from '../shared-memories.ts';
import type { SharedOne } from '../shared-one.ts';
import { bot, sharedView, viewOf } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'sharedMemories.list': ReturnType<typeof listShared>;
    'sharedMemories.search': ReturnType<typeof searchShared>;
    'sharedMemories.review': ReturnType<typeof reviewShared>;
  }
}

const columns = ['id', 'bot', 'trust', 'state', 'text'];
const list = z.object({ memories: z.array(sharedView) });

export function listShared(bots: Bots, shared: SharedMemories) {
  return defineAction({
    name: 'sharedMemories.list',
    summary: 'Lists what bots share; with a bot, what this one is given of the others.',
    permission: 'memories:read',
    listsBots: true,
    http: 'GET /shared-memories',
    cli: 'shared-memory list [bot]',
    columns,
    examples: [
      'bnity shared-memory list',
      'bnity shared-memory list assistant',
      'bnity shared-memory list --author ada',
    ],
    input: z.strictObject({
      bot: bot.optional().describe('Slug or id of the bot that looks'),
      author: bot.optional().describe('Only what this bot shares'),
    }),
    output: list,
    async run({ bot: reader, author }, { caller }) {
      const by = author === undefined ? undefined : bots.idOf(author);
      const found =
        reader === undefined
          ? (await shared.all()).filter((one) => maySee(caller, one))
          : await shared.visibleTo(bots.idOf(reader));
      return { memories: found.filter((one) => by === undefined || one.author.id === by).map(viewOf) };
    },
  });
}

export function searchShared(bots: Bots, shared: SharedMemories) {
  return defineAction({
    name: 'sharedMemories.search',
    summary: 'Searches what a bot is given of the memories of others, best first, with scores.',
    permission: 'memories:read',
    http: 'GET /search/shared-memories',
    cli: 'shared-memory search <bot> <text>',
    columns: ['score', 'written_by', 'text', 'id'],
    examples: ['bnity shared-memory search assistant "opening hours of the office"'],
    input: z.strictObject({
      bot,
      text: z.string().trim().min(1).max(4_000).describe('A question or a few words'),
      limit: z.number().int().min(1).max(100).default(10),
    }),
    output: z.object({
      memories: z.array(
        z.object({
          id: z.string(),
          bot: z.string().describe('Slug of its author'),
          written_by: z.string(),
          text: z.string(),
          category: z.string(),
          importance: z.number(),
          created_at: z.string(),
          score: z.number().describe('How well it fits, less where nobody vouches for it, 0 to 1'),
        }),
      ),
    }),
    async run({ bot, text, limit }, { signal }) {
      await shared.surveyed();
      const found = await shared.search(bots.idOf(bot), { text, limit }, signal);
      return {
        memories: found.map(({ memory, author, relevance }) => ({
          id: memory.id,
          bot: author.slug,
          written_by: author.name,
          text: memory.text,
          category: memory.category,
          importance: memory.importance,
          created_at: memory.created_at,
          score: Math.round(relevance * 1_000) / 1_000,
        })),
      };
    },
  });
}

export function reviewShared(shared: SharedMemories) {
  return defineAction({
    name: 'sharedMemories.review',
    summary: 'Lists the shared memories that wait for a person: those in quarantine and those that nobody vouches for.',
    permission: 'memories:read',
    listsBots: true,
    http: 'GET /review/shared-memories',
    cli: 'shared-memory review',
    columns: ['id', 'bot', 'state', 'reasons', 'text'],
    examples: ['bnity shared-memory review'],
    input: z.strictObject({ bot: bot.optional().describe('Only what this bot shares') }),
    output: list,
    async run({ bot }, { caller }) {
      const waiting = (await shared.all()).filter(
        (one) => maySee(caller, one) && !one.standing.isVerified && isOf(one, bot),
      );
      return { memories: waiting.map(viewOf) };
    },
  });
}

function isOf({ author }: SharedOne, bot: string | undefined): boolean {
  return bot === undefined || author.slug === bot || author.id === bot;
}

function maySee({ grants }: Caller, { author }: SharedOne): boolean {
  return covers(grants, 'memories:read', [author.slug, author.id]);
}
