import { covers, defineAction, z, type Bots } from 'boternity';
import type { FoundConversation } from '../engine/finder.ts';
import type { ConversationStore } from '../engine/store.ts';
import { summaryOf } from '../present.ts';
import { conversationSummary } from '../views.ts';
import { ownerOf } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'conversations.search': ReturnType<typeof searchConversations>;
  }
}

const marks = z
  .array(z.tuple([z.number(), z.number()]))
  .describe('Where hits begin and end in the text, in UTF-16 units');

const found = conversationSummary.omit({ unread: true }).extend({
  titleMarks: marks,
  message: z
    .object({
      id: z.string(),
      lane: z.string().describe('A branch that shows it'),
      by: z.enum(['person', 'bot']),
      at: z.string(),
      snippet: z.string().describe('A piece of its text, on one line'),
      marks,
    })
    .nullable()
    .describe('The message with most of what is looked for; null when only the title has it'),
});

export function searchConversations({ finding }: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.search',
    summary: 'Finds conversations by the words in their titles and messages, best first.',
    permission: 'bots:use',
    http: 'GET /search/conversations',
    cli: 'conversation search <text>',
    listsBots: true,
    columns: ['id', 'title', 'message.snippet', 'updatedAt'],
    examples: ['bnity conversation search "train to Vienna"', 'bnity conversation search budget --bot assistant'],
    input: z.strictObject({
      text: z.string().describe('Words, and phrases in quotes. Case, accents and slips of the pen do not matter'),
      bot: z.string().min(1).optional().describe('Only conversations with this bot'),
      archived: z.boolean().default(false).describe('Those that are archived instead of the others'),
      limit: z.number().int().min(1).max(100).default(20),
      wait: z
        .number()
        .min(0)
        .max(600)
        .default(60)
        .describe('Seconds to wait at most until conversations that were not read yet have been'),
    }),
    output: z.object({
      conversations: z.array(found),
      complete: z.boolean().describe('False while conversations are being read: ask again'),
    }),
    async run(input, { caller, signal }) {
      const { finder } = finding;
      const slug = input.bot === undefined ? undefined : (await bots.get(input.bot)).slug;
      const { found, isComplete } = await finder.find(input.text, {
        limit: input.limit,
        waitMs: input.wait * 1_000,
        signal,
        accepts: (each) =>
          each.archived === input.archived &&
          (slug ?? each.slug) === each.slug &&
          covers(caller.grants, 'bots:use', [each.slug, each.bot]),
      });
      return { conversations: await Promise.all(found.map((each) => view(each, bots))), complete: isComplete };
    },
  });
}

async function view({ heading, titleMarks, best }: FoundConversation, bots: Bots): Promise<z.infer<typeof found>> {
  const { unread: _, ...summary } = summaryOf(heading, await ownerOf(heading, bots));
  const message = best && {
    id: best.node.id,
    lane: best.lane,
    by: best.node.kind === 'user' ? ('person' as const) : ('bot' as const),
    at: best.node.createdAt,
    snippet: best.text,
    marks: best.marks.map(([start, end]): [number, number] => [start, end]),
  };
  return {
    ...summary,
    titleMarks: titleMarks.map(([start, end]): [number, number] => [start, end]),
    message: message ?? null,
  };
}
