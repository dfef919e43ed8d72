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
  /** The server does not answer; it is tried again for a while. */
  | { readonly type: 'lost' }
  /** The turn is over: the nodes of its answer. */
  | { readonly type: 'end'; readonly nodes: readonly NodeView[] };

/** How long a server that does not answer is waited for, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Follows the answer of one turn, across all its model and tool calls, until nothing of it runs or nobody wants to know. Throws why
 * the conversation cannot be read any more: it is gone, or the server stays away. Whoever reads it to its end has then seen it.
 */
export async function* followTurn(
  client: Client,
  conversation: Live,
  turn: string,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const shown = new Map<string, number>();
  const told = new Set<string>();
  let lostMs: number | undefined;
  using changes = new Changes(conversation, signal);
  while (!signal.aborted) {
    const changed = changes.next();
    const nodes = turnNodes(conversation, turn);
    for (const node of nodes) {
      const from = shown.get(node.id) ?? 0;
      if (node.kind === 'agent' && node.text.length > from) {
        shown.set(node.id, node.text.length);
        yield { type: 'text', text: node.text.slice(from) };
      }
      if (node.state === 'awaiting_approval' && !told.has(`ask ${node.id}`)) {
        told.add(`ask ${node.id}`);
        yield { type: 'ask', node };
      }
      if (node.kind === 'task' && isTerminal(node.state) && !told.has(node.id)) {
        told.add(node.id);
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
    if (conversation.state !== 'lost') lostMs = undefined;
    else if (lostMs === undefined) {
      lostMs = Date.now();
      yield { type: 'lost' };
    } else if (Date.now() - lostMs > PATIENCE_MS) throw conversation.error ?? new Error('The server does not answer.');
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

/** The changes of a conversation; the end of the wish to know is one, and each second in which the server is away. */
class Changes implements Disposable {
  readonly #undo = new DisposableStack();
  #tell = (): void => undefined;

  constructor(conversation: Live, signal: AbortSignal) {
    const tell = (): void => this.#tell();
    this.#undo.defer(conversation.subscribe(tell));
    const looking = setInterval(() => conversation.state === 'lost' && tell(), 1_000);
    this.#undo.defer(() => clearInterval(looking));
    signal.addEventListener('abort', tell);
    this.#undo.defer(() => signal.removeEventListener('abort', tell));
  }

  next(): Promise<void> {
    return new Promise((resolve) => (this.#tell = resolve));
  }

  [Symbol.dispose](): void {
    this.#undo.dispose();
  }
}
