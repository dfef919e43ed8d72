import { Fault } from 'boternity';
import type { Change, Graph, GraphNode, Lane, NodeKind, NodeState } from './graph.ts';

/** What may be done with a node of each kind. */
export interface Behaviour {
  /** Something has to be carried out for it: it can wait, run and fail. */
  readonly isExecutable: boolean;
  /** People see it as a message. */
  readonly isShown: boolean;
  /** A lane may end with it. */
  readonly mayEnd: boolean;
  readonly isDeletable: boolean;
  /** A branch may begin behind it. */
  readonly isForkable: boolean;
  readonly isRetriable: boolean;
  readonly isEditable: boolean;
}

const nothing: Behaviour = {
  isExecutable: false,
  isShown: false,
  mayEnd: false,
  isDeletable: false,
  isForkable: false,
  isRetriable: false,
  isEditable: false,
};

export const behaviours: Readonly<Record<NodeKind, Behaviour>> = {
  user: { ...nothing, isShown: true, isDeletable: true, isForkable: true, isEditable: true },
  agent: {
    ...nothing,
    isExecutable: true,
    isShown: true,
    mayEnd: true,
    isDeletable: true,
    isForkable: true,
    isRetriable: true,
  },
  task: { ...nothing, isExecutable: true, isRetriable: true },
  system: { ...nothing, isEditable: true },
  summary: nothing,
};

const terminal: ReadonlySet<NodeState> = new Set(['finished', 'errored', 'rejected', 'skipped', 'stopped']);

export function isTerminal(state: NodeState): boolean {
  return terminal.has(state);
}

const moves: Readonly<Record<string, readonly NodeState[]>> = {
  awaiting_approval: ['pending', 'rejected', 'stopped'],
  pending: ['running', 'stopped', 'skipped', 'errored'],
  running: ['finished', 'errored', 'rejected', 'stopped'],
};

/** Whether a node may go from one state to another. A pending one errs when it cannot even begin. */
export function mayMove(from: NodeState, to: NodeState): boolean {
  return moves[from]?.includes(to) ?? false;
}

/** The change of a state, if it is a legal one; none where the node has ended already. Throws MOVE_ILLEGAL: a mistake in the engine. */
export function moved(node: GraphNode, state: NodeState, reason?: string): Change[] {
  if (isTerminal(node.state)) return [];
  if (!mayMove(node.state, state))
    throw new Fault('MOVE_ILLEGAL', `The node ${node.id} cannot go from ${node.state} to ${state}.`);
  return [{ type: 'state', node: node.id, state, ...(reason !== undefined && { reason }) }];
}

/** Throws NODE_MISSING. */
export function nodeOf(graph: Graph, id: string): GraphNode {
  const node = graph.nodes.get(id);
  if (!node) throw new Fault('NODE_MISSING', `This conversation has no message "${id}".`);
  return node;
}

/** Throws LANE_MISSING. */
export function laneOf(graph: Graph, id: string): Lane {
  const lane = graph.lanes.get(id);
  if (!lane) throw new Fault('LANE_MISSING', `This conversation has no branch "${id}".`);
  return lane;
}

/** Throws LANE_ARCHIVED: nothing new is written there. */
export function openLane(graph: Graph, id: string): Lane {
  const lane = laneOf(graph, id);
  const archived = lane.isArchived ? lane : graph.lanes.get('main')?.isArchived ? graph.lanes.get('main') : undefined;
  if (!archived) return lane;
  const what = archived.id === 'main' ? 'The conversation' : `The branch "${archived.title}"`;
  throw new Fault('LANE_ARCHIVED', `${what} is archived.`);
}
