import type { Client } from 'boternity';
import { isTerminal } from '../graph/rules.ts';
import type { NodeView } from '../views.ts';

export type Live = ReturnType<Client['conversation']>;

/** What a reader of an answer sees next. */
export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool'; readonly node: NodeView }
  /** A call waits for a person. */
  | { readonly type: 'ask'; readonly node: NodeView }
  /** The turn is over: the nodes of its answer. */
  | { readonly type: 'end'; readonly nodes: readonly NodeView[] };

/** Follows the answer of one turn, across all its model and tool calls, until nothing of it runs; whoever reads it has then seen it. */
export async function* followTurn(conversation: Live, turn: string, client: Client): AsyncGenerator<Piece> {
  const shown = new Map<string, number>();
  const toldTools = new Set<string>();
  const asked = new Set<string>();
  for (;;) {
    const changed = nextChange(conversation);
    const nodes = turnNodes(conversation, turn);
    for (const node of nodes) {
      const from = shown.get(node.id) ?? 0;
      if (node.kind === 'agent' && node.text.length > from) {
        yield { type: 'text', text: node.text.slice(from) };
        shown.set(node.id, node.text.length);
      }
      if (node.state === 'awaiting_approval' && !asked.has(node.id)) {
        asked.add(node.id);
        yield { type: 'ask', node };
      }
      if (node.kind === 'task' && isTerminal(node.state) && !toldTools.has(node.id)) {
        toldTools.add(node.id);
        yield { type: 'tool', node };
      }
    }
    if (isOver(nodes)) {
      // Not worth a word when it fails: the conversation stays unread.
      await client.call('conversations.see', { conversation: conversation.id }).catch(() => undefined);
      yield { type: 'end', nodes };
      return;
    }
    if (conversation.state === 'failed') throw conversation.error ?? new Error('The conversation is closed.');
    await changed;
  }
}

function turnNodes(conversation: Live, turn: string): NodeView[] {
  return (conversation.page?.nodes ?? []).filter((node) => node.turn === turn && node.kind !== 'user');
}

/** While anything of a turn still comes, a node of it waits or runs. */
function isOver(nodes: readonly NodeView[]): boolean {
  return nodes.length > 0 && nodes.every((node) => isTerminal(node.state));
}

function nextChange(conversation: Live): Promise<void> {
  return new Promise((resolve) => {
    const stop = conversation.subscribe(() => {
      stop();
      resolve();
    });
  });
}
