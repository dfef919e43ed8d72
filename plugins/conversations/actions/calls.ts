import { defineAction, Fault, z } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import { DENIED } from '../graph/ending.ts';
import type { Change, GraphNode } from '../graph/graph.ts';
import { openNodes } from '../graph/path.ts';
import { moved, nodeOf } from '../graph/rules.ts';
import { viewOf } from '../present.ts';
import { nodeView } from '../views.ts';
import { botOf, conversation } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'calls.list': ReturnType<typeof listCalls>;
    'calls.approve': ReturnType<typeof approveCall>;
    'calls.deny': ReturnType<typeof denyCall>;
  }
}

const call = z.string().min(1).describe('Id of the call, as calls.list names it');

export function listCalls(store: ConversationStore) {
  return defineAction({
    name: 'calls.list',
    summary: 'Lists the calls of tools in a conversation that wait for a person.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'GET /conversations/{conversation}/calls',
    cli: 'call list <conversation>',
    columns: ['id', 'tool.name', 'tool.arguments'],
    examples: ['bnity call list 019…'],
    input: z.strictObject({ conversation }),
    output: z.object({ calls: z.array(nodeView) }),
    async run(input) {
      const { graph } = (await store.get(input.conversation)).conversation;
      const waiting = openNodes(graph).filter(({ state }) => state === 'awaiting_approval');
      return { calls: waiting.map((node) => viewOf(graph, node)) };
    },
  });
}

export function approveCall(store: ConversationStore) {
  return defineAction({
    name: 'calls.approve',
    summary: 'Lets a bot make a call that it asked for, once or for the rest of the conversation.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/calls/{call}/approve',
    cli: 'call approve <conversation> <call>',
    examples: ['bnity call approve 019… 019…', 'bnity call approve 019… 019… --for conversation'],
    input: z.strictObject({
      conversation,
      call,
      for: z.enum(['once', 'conversation']).default('once').describe('conversation: this tool is not asked for again'),
    }),
    output: z.object({ call: nodeView }),
    run: (input) =>
      decide(store, input, (node, waiting) => [
        ...moved(node, 'pending'),
        ...(input.for === 'once'
          ? []
          : [
              { type: 'allow' as const, tool: node.call?.name ?? '' },
              ...waiting
                .filter((other) => other !== node && other.call?.name === node.call?.name)
                .flatMap((other) => moved(other, 'pending')),
            ]),
      ]),
  });
}

export function denyCall(store: ConversationStore) {
  return defineAction({
    name: 'calls.deny',
    summary: 'Refuses a call that a bot asked for; it goes on without, or waits where the call is required.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/calls/{call}/deny',
    cli: 'call deny <conversation> <call>',
    examples: ['bnity call deny 019… 019…'],
    input: z.strictObject({ conversation, call }),
    output: z.object({ call: nodeView }),
    run: (input) => decide(store, input, (node) => moved(node, 'rejected', DENIED)),
  });
}

async function decide(
  store: ConversationStore,
  input: { readonly conversation: string; readonly call: string },
  decision: (node: GraphNode, waiting: readonly GraphNode[]) => readonly Change[],
): Promise<{ call: z.infer<typeof nodeView> }> {
  const { conversation, scheduler } = await store.get(input.conversation);
  await conversation.commit((graph) => {
    const node = nodeOf(graph, input.call);
    if (node.state !== 'awaiting_approval')
      throw new Fault('APPROVAL_MISSING', `This call does not wait for a person: it is ${node.state}.`);
    return decision(
      node,
      openNodes(graph).filter(({ state }) => state === 'awaiting_approval'),
    );
  });
  scheduler.kick();
  return { call: viewOf(conversation.graph, nodeOf(conversation.graph, input.call)) };
}
