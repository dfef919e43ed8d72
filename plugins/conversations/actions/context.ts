import { defineAction, Fault, plainText, z, type Message } from 'boternity';
import { tokensOf } from '../engine/budget.ts';
import type { ConversationStore } from '../engine/store.ts';
import { openNodes } from '../graph/path.ts';
import { laneOf, nodeOf } from '../graph/rules.ts';
import { botOf, conversation, lane } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'conversations.context': ReturnType<typeof showContext>;
    'conversations.compact': ReturnType<typeof compactConversation>;
  }
}

export function showContext(store: ConversationStore) {
  return defineAction({
    name: 'conversations.context',
    summary:
      'Shows what the next prompt of a conversation would hold: its history as the model sees it, and its weight.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'GET /conversations/{conversation}/context',
    cli: 'conversation context <conversation>',
    examples: ['bnity conversation context 019…'],
    input: z.strictObject({ conversation, lane }),
    output: z.object({
      persona: z.string().nullable().describe('Whose soul it holds; null for the bot’s own'),
      messages: z.array(
        z.object({ role: z.enum(['user', 'assistant', 'tool']), text: z.string(), tokens: z.number() }),
      ),
      tokens: z.number().describe('Estimated, with tools and all else that stands around the history'),
      limit: z.number().describe('What the model takes beside its answer, as far as it is known'),
    }),
    async run(input) {
      const { conversation, scheduler } = await store.get(input.conversation);
      const { head } = laneOf(conversation.graph, input.lane);
      const { request, tokens, limit } = await scheduler.nextPrompt(head);
      const messages = request.messages.map((message) => ({
        role: message.role,
        text: wordsOf(message),
        tokens: tokensOf(message),
      }));
      return { persona: conversation.graph.persona, messages, tokens, limit };
    },
  });
}

function wordsOf(message: Message): string {
  if (message.role !== 'assistant') return plainText(message.content);
  const calls = (message.calls ?? []).map(({ name, arguments: given }) => `[calls ${name} ${given}]`);
  return [message.text, ...calls].filter((part) => part !== '').join('\n');
}

export function compactConversation(store: ConversationStore) {
  return defineAction({
    name: 'conversations.compact',
    summary: 'Has the older turns summed up; prompts hold the summary instead of them, people still see all.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/compact',
    cli: 'conversation compact <conversation>',
    examples: ['bnity conversation compact 019… --keep 4'],
    input: z.strictObject({
      conversation,
      lane,
      keep: z.number().int().min(1).max(100).default(2).describe('The last so many turns stay as they are'),
    }),
    output: z.object({ summary: z.string(), text: z.string(), nodes: z.number().describe('So many it stands for') }),
    async run({ conversation: id, lane: named, keep }, { signal }) {
      const open = await store.get(id);
      const { graph } = open.conversation;
      const { head } = laneOf(graph, named);
      if (openNodes(graph).length > 0) throw new Fault('NODE_BUSY', 'An answer is being given; stop it or wait.');
      const nothing = new Fault('COMPACTION_FAILED', 'There is nothing old enough to be summed up.', {
        hint: 'Keep fewer turns, or go on talking.',
      });
      if (head === null) throw nothing;
      const compaction = { target: nodeOf(graph, head), keepTokens: 0, keepTurns: keep - 1 };
      const done = await open.scheduler.compact(compaction, signal);
      if (!done) throw nothing;
      return done;
    },
  });
}
