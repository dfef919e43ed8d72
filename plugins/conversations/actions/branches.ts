import { createId, defineAction, z, type Bots } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import { MAIN } from '../graph/graph.ts';
import { branch, merge } from '../graph/lanes.ts';
import { assertMessage, assertTalks, botOf, conversation } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'branches.create': ReturnType<typeof createBranch>;
    'branches.merge': ReturnType<typeof mergeBranches>;
  }
}

export function createBranch(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'branches.create',
    summary: 'Begins a branch, a thread or a checkpoint behind a message; what comes after it there stays there.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/branches',
    cli: 'branch create <conversation> <from>',
    examples: ['bnity branch create 019… 019… --text "And if we did not?"'],
    status: 201,
    input: z.strictObject({
      conversation,
      from: z.string().min(1).describe('Id of the message behind which it begins'),
      kind: z.enum(['branch', 'thread', 'checkpoint']).default('branch').describe('A checkpoint only marks the place'),
      title: z.string().max(200).default(''),
      text: z.string().optional().describe('The first message in it'),
    }),
    output: z.object({
      lane: z.string().describe('Id of the branch'),
      reply: z.string().nullable().describe('Id of the node that will hold an answer'),
    }),
    async run({ conversation: id, ...input }) {
      if (input.text !== undefined) assertMessage(input.text);
      const { conversation, scheduler } = await store.get(id);
      if (input.kind !== 'checkpoint') assertTalks(await bots.get(conversation.graph.bot));
      const made: { lane: string; reply: string | null } = { lane: '', reply: null };
      await conversation.commit((graph) => {
        const { changes, lane, reply } = branch(graph, input, createId);
        Object.assign(made, { lane, reply: reply ?? null });
        return changes;
      }, true);
      scheduler.kick();
      return made;
    },
  });
}

export function mergeBranches(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'branches.merge',
    summary: 'Gives one answer that knows what was said in other branches; they stay as they are.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/merge',
    cli: 'branch merge <conversation>',
    examples: ['bnity branch merge 019… --branches 019…'],
    input: z.strictObject({
      conversation,
      branches: z.array(z.string().min(1)).min(1).max(20).describe('Ids of the branches'),
      into: z.string().min(1).default(MAIN),
    }),
    output: z.object({ reply: z.string().describe('Id of the node that will hold the answer') }),
    async run(input) {
      const { conversation, scheduler } = await store.get(input.conversation);
      assertTalks(await bots.get(conversation.graph.bot));
      let reply = '';
      await conversation.commit((graph) => {
        const made = merge(graph, input.branches, input.into, createId);
        ({ reply } = made);
        return made.changes;
      }, true);
      scheduler.kick();
      return { reply };
    },
  });
}
