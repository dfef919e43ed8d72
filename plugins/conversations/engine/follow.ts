import { unknownUsage, type ToolCall, type Usage } from 'boternity';
import { DENIED, LENGTH, REFUSED } from '../graph/ending.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { openCalls } from '../graph/past.ts';
import { isTerminal, nodeOf } from '../graph/rules.ts';
import type { Conversation } from './conversation.ts';
import { addUsage } from './usage.ts';

/** What comes of a reply, in order; `end` is the last. */
export type ReplyFact =
  | { readonly type: 'text'; readonly text: string }
  /** The bot may not go on before a person has decided on these tools; an empty list when it goes on. */
  | { readonly type: 'waiting'; readonly tools: readonly string[] }
  | ReplyEnd;

export interface ReplyEnd {
  readonly type: 'end';
  /** `calls`: the client carries these out and gives their results back. */
  readonly finish: 'stop' | 'length' | 'refused' | 'calls' | 'failed';
  readonly calls: readonly ToolCall[];
  /** Of all answers of the turn together. */
  readonly usage: Usage;
  /** Why it failed, or was stopped. */
  readonly failure?: { readonly code: string; readonly message: string };
}

/** Between the texts of two answers of one turn. */
const BETWEEN = '\n\n';

/**
 * Follows the answers of a turn, from its first to its end. Read off the graph whenever the hub has something to tell, so it is the
 * journal's text, whole and once, however slowly it is read.
 */
export async function* follow({ graph, hub }: Conversation, turn: string, reply: string): AsyncGenerator<ReplyFact> {
  const bell = new Bell();
  const leave = hub.listen(bell.ring);
  const at: Place = { turn, node: nodeOf(graph, reply), told: 0, hasText: false, asked: '' };
  try {
    for (let isOver = false; !isOver;) {
      const rung = bell.next();
      const fact = nextFact(graph, at, hub.isClosed);
      if (fact) yield fact;
      else await rung;
      isOver = fact?.type === 'end';
    }
  } finally {
    leave();
  }
}

/** How far a reply has been told. */
interface Place {
  readonly turn: string;
  node: GraphNode;
  /** Length of the node's text that was told. */
  told: number;
  hasText: boolean;
  /** The tools that wait for a person, as they were told. */
  asked: string;
}

function nextFact(graph: Graph, at: Place, isClosed: boolean): ReplyFact | undefined {
  const { node, told, hasText } = at;
  if (node.text.length > told) {
    at.told = node.text.length;
    at.hasText = true;
    return { type: 'text', text: (told === 0 && hasText ? BETWEEN : '') + node.text.slice(told) };
  }
  const next = isTerminal(node.state) ? answerAfter(graph, node) : undefined;
  if (next) {
    Object.assign(at, { node: next, told: 0 });
    return nextFact(graph, at, isClosed);
  }
  const tools = waitingIn(graph, at.turn);
  if (tools.join(' ') !== at.asked) {
    at.asked = tools.join(' ');
    return { type: 'waiting', tools };
  }
  if (isTerminal(node.state)) return endOf(graph, node);
  if (isDenied(graph, node)) return { ...endOf(graph, node), finish: 'failed', failure: denied };
  return isClosed ? { ...endOf(graph, node), finish: 'failed', failure: closed } : undefined;
}

/** Wakes the one who waits. */
class Bell {
  #wake: () => void = () => undefined;
  readonly ring = (): void => this.#wake();

  /** Settles when it rings next. */
  next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }
}

function nodesIn(graph: Graph, turn: string): GraphNode[] {
  return [...graph.nodes.values()].filter((node) => node.turn === turn && !graph.replaced.has(node.id));
}

/** The answer of the same turn that reads what the calls of this one came to. */
function answerAfter(graph: Graph, node: GraphNode): GraphNode | undefined {
  return nodesIn(graph, node.turn).find(({ kind, order }) => kind === 'agent' && order > node.order);
}

function waitingIn(graph: Graph, turn: string): string[] {
  return [...graph.open].flatMap((id) => {
    const node = graph.nodes.get(id);
    return node?.turn === turn && node.state === 'awaiting_approval' ? [node.call?.name ?? ''] : [];
  });
}

/** Whether an answer waits for a call that a person refused, and that it cannot do without. */
function isDenied(graph: Graph, { parents }: GraphNode): boolean {
  return parents.some(({ node, kind }) => kind === 'dependency' && graph.nodes.get(node)?.reason === DENIED);
}

const denied = { code: 'CALLER_DENIED', message: 'A person denied a call of a tool that the bot cannot do without.' };
const closed = { code: 'SCOPE_CLOSED', message: 'The conversation was closed while the bot answered.' };

function endOf(graph: Graph, node: GraphNode): ReplyEnd {
  const calls = node.state === 'finished' ? openCalls(graph, node) : [];
  const end = { type: 'end', calls, usage: usageOf(nodesIn(graph, node.turn)) } as const;
  if (node.state !== 'finished') {
    const stopped = { code: 'INTERRUPTED', message: `The answer ended before it was whole: ${node.reason ?? ''}` };
    return { ...end, finish: 'failed', failure: node.run?.error ?? stopped };
  }
  if (calls.length > 0) return { ...end, finish: 'calls' };
  return { ...end, finish: node.reason === LENGTH ? 'length' : node.reason === REFUSED ? 'refused' : 'stop' };
}

function usageOf(nodes: readonly GraphNode[]): Usage {
  return nodes.flatMap(({ run }) => run?.usage ?? []).reduce(addUsage, unknownUsage);
}
