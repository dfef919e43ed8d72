import type { ToolCall } from 'boternity';
import { answerBehind, firstVersion, type NewId } from './append.ts';
import type { Approval, Change, Graph, GraphNode, Resolution } from './graph.ts';
import { walkBack } from './path.ts';

/** A call that a model asks for, and what is to become of it. */
export interface PlannedCall {
  readonly call: ToolCall;
  readonly resolution?: Resolution;
  /** It waits for a person. */
  readonly approval?: Approval;
  /** It is not carried out: this is what the model reads instead. */
  readonly refusal?: string;
}

/**
 * A node for each call and, behind them all, the one that will answer next. What waited for the answer so far waits for that one.
 * All in one commit: a turn never looks finished before it is.
 */
export function callTools(
  graph: Graph,
  node: GraphNode,
  planned: readonly PlannedCall[],
  newId: NewId,
): { readonly changes: Change[]; readonly next: string } {
  const tasks = planned.map((plan) => ({ ...plan, id: newId() }));
  const next = newId();
  const { id, turn, lane } = node;
  const waiting = node.children.filter((link) => link.kind !== 'branch');
  return {
    next,
    changes: [
      ...tasks.flatMap((task) => taskBehind(node, task)),
      ...answerBehind([], { turn, lane }, next).changes,
      ...tasks.map(({ id: from, approval }): Change => ({
        type: 'edge',
        from,
        to: next,
        kind: approval?.required ? 'dependency' : 'sequence',
      })),
      ...waiting.flatMap(({ node: to, kind }): Change[] => [
        { type: 'unlink', from: id, to, kind },
        { type: 'edge', from: next, to, kind },
      ]),
      ...[...graph.lanes.values()]
        .filter(({ head }) => head === id)
        .map((each): Change => ({ type: 'head', lane: each.id, node: next })),
    ],
  };
}

function taskBehind(node: GraphNode, task: PlannedCall & { readonly id: string }): Change[] {
  const { id, call, resolution, approval, refusal } = task;
  const state = refusal !== undefined ? 'finished' : approval ? 'awaiting_approval' : 'pending';
  const birth = {
    ...firstVersion(id, node),
    kind: 'task' as const,
    state,
    call,
    ...(resolution && { resolution }),
    ...(approval && { approval }),
  } as const;
  return [
    { type: 'node', node: birth },
    { type: 'edge', from: node.id, to: id, kind: 'sequence' },
    ...(refusal === undefined ? [] : [{ type: 'result' as const, node: id, text: refusal, isError: true }]),
  ];
}

/** How many answers and calls there were in the turn of a node, up to it. */
export function stepsBefore(graph: Graph, node: GraphNode): { readonly steps: number; readonly calls: number } {
  let steps = 0;
  let calls = 0;
  for (const each of walkBack(graph, node.id)) {
    if (each.turn !== node.turn || each.kind === 'user') break;
    if (each.kind === 'agent') steps += 1;
    if (each.kind === 'task') calls += 1;
  }
  return { steps, calls };
}
