import type { SectionAccount, ToolCall, Usage } from 'boternity';

/** States of a node. Only agent and task nodes can be in one of the first three. */
export type NodeState =
  | 'pending'
  | 'awaiting_approval'
  | 'running'
  | 'finished'
  | 'errored'
  | 'rejected'
  | 'skipped'
  | 'stopped';

export interface RunRecord {
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';
  readonly attempt: number;
  readonly model?: string;
  readonly provider?: string;
  readonly usage?: Usage;
  readonly firstTokenMs?: number;
  readonly durationMs?: number;
  /** Commit of the bot's repository that the run used; a digest of its files where there is no history. */
  readonly botVersion?: string;
  /** What the person should know beside the answer. */
  readonly notices?: readonly { readonly code: string; readonly message: string }[];
  /** Weight of each section of the prompt. Never the text. */
  readonly prompt?: readonly SectionAccount[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
}

/** A node as it is born. Texts and results come by later changes. */
export interface NodeBirth {
  readonly id: string;
  readonly turn: string;
  readonly lane: string;
  readonly kind: 'user' | 'agent' | 'task';
  readonly state: NodeState;
  /** Nodes that replace each other share a set; the number counts from 1. */
  readonly version: { readonly set: string; readonly number: number };
  readonly text?: string;
  readonly call?: ToolCall;
}

/** One mutation of a conversation. Journals hold nothing else. */
export type Change =
  | { readonly type: 'conversation'; readonly id: string; readonly bot: string; readonly slug: string }
  | { readonly type: 'title'; readonly title: string }
  | { readonly type: 'node'; readonly node: NodeBirth }
  | {
      readonly type: 'edge';
      readonly from: string;
      readonly to: string;
      readonly kind: 'sequence' | 'dependency' | 'branch';
    }
  | { readonly type: 'state'; readonly node: string; readonly state: NodeState; readonly reason?: string }
  /** Text that was streamed, from `offset` on. */
  | {
      readonly type: 'output';
      readonly node: string;
      readonly channel: 'text' | 'thinking';
      readonly offset: number;
      readonly text: string;
    }
  /** What an answer held beside its text. */
  | {
      readonly type: 'answer';
      readonly node: string;
      readonly calls?: readonly ToolCall[];
      readonly extra?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'result';
      readonly node: string;
      readonly text: string;
      readonly details?: unknown;
      readonly isError: boolean;
    }
  | { readonly type: 'version'; readonly set: string; readonly node: string }
  | { readonly type: 'run'; readonly node: string; readonly run: RunRecord };

/** One line of a journal: changes that count together or not at all. */
export interface Commit {
  readonly v: 1;
  /** Rises with every line. Decides order; ids never do. */
  readonly seq: number;
  readonly at: string;
  readonly changes: readonly Change[];
}

export interface GraphNode extends Omit<NodeBirth, 'text'> {
  state: NodeState;
  text: string;
  thinking: string;
  reason: string | null;
  calls: readonly ToolCall[];
  extra: Readonly<Record<string, unknown>> | undefined;
  result: { readonly text: string; readonly details: unknown; readonly isError: boolean } | undefined;
  run: RunRecord | undefined;
  /** Whether it is the active one of its versions. */
  isActive: boolean;
  readonly createdAt: string;
  finishedAt: string | null;
}

/** A conversation as its journal tells it. */
export interface Graph {
  id: string;
  bot: string;
  slug: string;
  title: string;
  seq: number;
  createdAt: string;
  updatedAt: string;
  /** In order of birth. */
  readonly nodes: Map<string, GraphNode>;
  readonly edges: { readonly from: string; readonly to: string; readonly kind: string }[];
}

export function emptyGraph(): Graph {
  return { id: '', bot: '', slug: '', title: '', seq: 0, createdAt: '', updatedAt: '', nodes: new Map(), edges: [] };
}

const terminal: ReadonlySet<NodeState> = new Set(['finished', 'errored', 'rejected', 'skipped', 'stopped']);

export function isTerminal(state: NodeState): boolean {
  return terminal.has(state);
}

/** Carries a commit out on the graph. What it does not know (of a later version) it leaves alone. */
export function applyCommit(graph: Graph, commit: Commit): void {
  graph.seq = commit.seq;
  graph.updatedAt = commit.at;
  for (const change of commit.changes) applyChange(graph, change, commit.at);
}

function applyChange(graph: Graph, change: Change, at: string): void {
  switch (change.type) {
    case 'conversation':
      Object.assign(graph, { id: change.id, bot: change.bot, slug: change.slug, createdAt: at });
      return;
    case 'title':
      graph.title = change.title;
      return;
    case 'node':
      graph.nodes.set(change.node.id, born(change.node, at));
      return;
    case 'edge':
      graph.edges.push({ from: change.from, to: change.to, kind: change.kind });
      return;
    case 'version':
      for (const node of graph.nodes.values())
        if (node.version.set === change.set) node.isActive = node.id === change.node;
      return;
    case 'state':
    case 'output':
    case 'answer':
    case 'result':
    case 'run':
      applyToNode(graph.nodes.get(change.node), change, at);
      return;
    default:
      change satisfies never;
  }
}

type NodeChange = Extract<Change, { type: 'state' | 'output' | 'answer' | 'result' | 'run' }>;

function applyToNode(node: GraphNode | undefined, change: NodeChange, at: string): void {
  if (!node) return;
  switch (change.type) {
    case 'state':
      node.state = change.state;
      node.reason = change.reason ?? null;
      if (isTerminal(change.state)) node.finishedAt = at;
      return;
    case 'output':
      node[change.channel] = node[change.channel].slice(0, change.offset) + change.text;
      return;
    case 'answer':
      node.calls = change.calls ?? [];
      node.extra = change.extra;
      return;
    case 'result':
      node.result = { text: change.text, details: change.details ?? null, isError: change.isError };
      return;
    case 'run':
      node.run = { ...node.run, ...change.run };
      return;
    default:
      change satisfies never;
  }
}

function born(birth: NodeBirth, at: string): GraphNode {
  return {
    ...birth,
    text: birth.text ?? '',
    thinking: '',
    reason: null,
    calls: [],
    extra: undefined,
    result: undefined,
    run: undefined,
    isActive: true,
    createdAt: at,
    finishedAt: isTerminal(birth.state) ? at : null,
  };
}
