import { createId, defineAction, z, type Bots } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import type { Change, Graph, GraphNode } from '../graph/graph.ts';
import { deletable, exclude, remove } from '../graph/lanes.ts';
import { leadsTo } from '../graph/path.ts';
import { nodeOf } from '../graph/rules.ts';
import { edit, regenerate, retry, select } from '../graph/versions.ts';
import { viewOf } from '../present.ts';
import { nodeView } from '../views.ts';
import { assertMessage, assertTalks, botOf, conversation, message } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'messages.edit': ReturnType<typeof editMessage>;
    'messages.retry': ReturnType<typeof retryMessage>;
    'messages.regenerate': ReturnType<typeof regenerateMessage>;
    'messages.select': ReturnType<typeof selectVersion>;
    'messages.exclude': ReturnType<typeof excludeMessage>;
    'messages.include': ReturnType<typeof includeMessage>;
    'messages.delete': ReturnType<typeof deleteMessage>;
    'messages.restore': ReturnType<typeof restoreMessage>;
  }
}

const made = z.object({
  message: z.string().describe('The node that stands there now'),
  lane: z.string().describe('The branch in which it is'),
});

interface Made {
  readonly changes: readonly Change[];
  readonly node: string;
}

/** Changes the shape of a conversation, and carries out what follows. */
async function reshape(
  store: ConversationStore,
  id: string,
  make: (graph: Graph) => Made,
): Promise<z.infer<typeof made>> {
  const { conversation, scheduler } = await store.get(id);
  let node = '';
  await conversation.commit((graph) => {
    const done = make(graph);
    node = done.node;
    return done.changes;
  }, true);
  scheduler.kick();
  return { message: node, lane: nodeOf(conversation.graph, node).lane };
}

/** What asks for an answer needs a bot that can give one. */
async function talking(store: ConversationStore, bots: Bots, id: string): Promise<void> {
  const { graph } = (await store.get(id)).conversation;
  assertTalks(await bots.get(graph.bot));
}

export function editMessage(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'messages.edit',
    summary:
      'Words a message anew and asks for another answer; the old wording stays as a version with what followed it.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'PATCH /conversations/{conversation}/messages/{message}',
    cli: 'message edit <conversation> <message> <text>',
    examples: ['bnity message edit 019… 019… "What is new today?"'],
    input: z.strictObject({ conversation, message, text: z.string() }),
    output: made.extend({ reply: z.string().describe('Id of the node that will hold the answer') }),
    async run(input) {
      assertMessage(input.text);
      await talking(store, bots, input.conversation);
      let reply = '';
      const done = await reshape(store, input.conversation, (graph) => {
        const edited = edit(graph, input.message, input.text, createId);
        ({ reply } = edited);
        return edited;
      });
      return { ...done, reply };
    },
  });
}

export function retryMessage(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'messages.retry',
    summary: 'Tries an answer or a call again that failed, was stopped or denied; the new one takes its place.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/messages/{message}/retry',
    cli: 'message retry <conversation> <message>',
    examples: ['bnity message retry 019… 019…', 'bnity message retry 019… 019… --model gpt-5-mini'],
    input: z.strictObject({
      conversation,
      message,
      model: z.string().min(1).optional().describe('Answers this once in place of the model of the bot'),
    }),
    output: made,
    async run(input) {
      await talking(store, bots, input.conversation);
      const { scheduler } = await store.get(input.conversation);
      return reshape(store, input.conversation, (graph) => {
        const tried = retry(graph, input.message, createId);
        scheduler.beginAnew(nodeOf(graph, input.message).turn, input.model);
        return tried;
      });
    },
  });
}

export function regenerateMessage(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'messages.regenerate',
    summary: 'Asks for another answer: a version of the last one; a branch where others came after it.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/messages/{message}/regenerate',
    cli: 'message regenerate <conversation> <message>',
    examples: ['bnity message regenerate 019… 019…'],
    input: z.strictObject({ conversation, message }),
    output: made,
    async run(input) {
      await talking(store, bots, input.conversation);
      return reshape(store, input.conversation, (graph) => regenerate(graph, input.message, createId));
    },
  });
}

export function selectVersion(store: ConversationStore) {
  return defineAction({
    name: 'messages.select',
    summary: 'Shows another version of a message or an answer, with what followed it then.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/messages/{message}/select',
    cli: 'message select <conversation> <message> <version>',
    examples: ['bnity message select 019… 019… next', 'bnity message select 019… 019… 2'],
    input: z.strictObject({
      conversation,
      message,
      version: z.union([z.number().int().min(1), z.string().min(1)]).describe('previous, next, its number or its id'),
    }),
    output: made,
    run: ({ conversation: id, message: node, version }) =>
      reshape(store, id, (graph) => select(graph, node, /^\d+$/.test(String(version)) ? Number(version) : version)),
  });
}

const visible = z.object({ message: nodeView });

async function show(
  store: ConversationStore,
  id: string,
  node: string,
  change: (graph: Graph) => readonly Change[],
): Promise<z.infer<typeof visible>> {
  const { conversation } = await store.get(id);
  await conversation.commit(change, true);
  return { message: viewOf(conversation.graph, nodeOf(conversation.graph, node)) };
}

export function excludeMessage(store: ConversationStore) {
  return defineAction({
    name: 'messages.exclude',
    summary: 'Leaves a message out of prompts; people still see it.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/messages/{message}/exclude',
    cli: 'message exclude <conversation> <message>',
    examples: ['bnity message exclude 019… 019…'],
    input: z.strictObject({ conversation, message }),
    output: visible,
    run: (input) => show(store, input.conversation, input.message, (graph) => exclude(graph, input.message, true)),
  });
}

export function includeMessage(store: ConversationStore) {
  return defineAction({
    name: 'messages.include',
    summary: 'Puts a message back into prompts.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/messages/{message}/include',
    cli: 'message include <conversation> <message>',
    examples: ['bnity message include 019… 019…'],
    input: z.strictObject({ conversation, message }),
    output: visible,
    run: (input) => show(store, input.conversation, input.message, (graph) => exclude(graph, input.message, false)),
  });
}

export function deleteMessage(store: ConversationStore) {
  return defineAction({
    name: 'messages.delete',
    summary: 'Takes a message out of what people and models see. It can be restored.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'DELETE /conversations/{conversation}/messages/{message}',
    cli: 'message delete <conversation> <message>',
    examples: ['bnity message delete 019… 019…'],
    input: z.strictObject({ conversation, message }),
    output: visible,
    async run(input) {
      const { conversation: open, scheduler } = await store.get(input.conversation);
      // Looked at before anything is stopped: a refusal changes nothing.
      const node = deletable(open.graph, input.message);
      // What is still to be answered in its lane would be answered without it.
      const hangsOn = (each: GraphNode): boolean => each.lane === node.lane && leadsTo(open.graph, node, each.id);
      await scheduler.stop(hangsOn, 'The message was deleted.');
      return show(store, input.conversation, input.message, (graph) => remove(graph, input.message, true));
    },
  });
}

export function restoreMessage(store: ConversationStore) {
  return defineAction({
    name: 'messages.restore',
    summary: 'Brings a deleted message back.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/messages/{message}/restore',
    cli: 'message restore <conversation> <message>',
    examples: ['bnity message restore 019… 019…'],
    input: z.strictObject({ conversation, message }),
    output: visible,
    run: (input) => show(store, input.conversation, input.message, (graph) => remove(graph, input.message, false)),
  });
}
