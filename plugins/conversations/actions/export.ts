import { defineAction, nameOf, z, type Bots } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import type { GraphNode } from '../graph/graph.ts';
import { pathOf } from '../graph/path.ts';
import { laneOf } from '../graph/rules.ts';
import { viewOf } from '../present.ts';
import { botOf, conversation, lane } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'conversations.export': ReturnType<typeof exportConversation>;
  }
}

export function exportConversation(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.export',
    summary: 'Gives a conversation as one text: Markdown to read, or JSON with everything.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'GET /conversations/{conversation}/export',
    cli: 'conversation export <conversation>',
    examples: ['bnity conversation export 019…', 'bnity conversation export 019… --format json'],
    input: z.strictObject({ conversation, lane, format: z.enum(['markdown', 'json']).default('markdown') }),
    output: z.object({
      format: z.enum(['markdown', 'json']),
      name: z.string().describe('A name for the file'),
      text: z.string(),
    }),
    async run(input) {
      const { graph } = (await store.get(input.conversation)).conversation;
      const nodes = pathOf(graph, laneOf(graph, input.lane)).filter((node) => !node.isDeleted);
      const name = await bots.get(graph.bot).then(nameOf, () => graph.slug);
      const isMarkdown = input.format === 'markdown';
      const { id, title, createdAt, updatedAt, slug } = graph;
      const whole = { id, bot: slug, title, createdAt, updatedAt, messages: nodes.map((node) => viewOf(graph, node)) };
      return {
        format: input.format,
        name: `${slug}-${createdAt.slice(0, 10)}.${isMarkdown ? 'md' : 'json'}`,
        text: isMarkdown ? markdownOf(title, createdAt, name, nodes) : `${JSON.stringify(whole, null, 2)}\n`,
      };
    },
  });
}

/** Names of files are text of others: as code they stay what they are. */
function filesOf({ attachments = [] }: GraphNode): string[] {
  return attachments.map(({ name }) => `*Attached:* \`${name.replaceAll('`', "'")}\``);
}

function markdownOf(title: string, at: string, bot: string, nodes: readonly GraphNode[]): string {
  const parts = nodes.flatMap((node) => {
    if (node.kind === 'user') return [`## You\n\n${[...filesOf(node), node.text].filter(Boolean).join('\n\n')}`];
    if (node.kind === 'task') return [`> ${bot} used \`${node.call?.name}\``];
    if (node.kind !== 'agent' || (node.text === '' && node.reason === null)) return [];
    const end = node.state === 'finished' || node.reason === null ? '' : `\n\n*${node.reason}*`;
    return [`## ${bot}\n\n${node.text}${end}`];
  });
  return `# ${title || 'Conversation'}\n\n*With ${bot}, ${at.slice(0, 10)}*\n\n${parts.join('\n\n')}\n`;
}
