import type { Change, Graph, GraphNode, RunRecord } from './graph.ts';
import { openNodes } from './path.ts';
import { isTerminal, moved } from './rules.ts';

/** Ends a node as failed, with the run that belongs to it; nothing where it has ended. */
export function failed(node: GraphNode, error: NonNullable<RunRecord['error']>): Change[] {
  if (isTerminal(node.state)) return [];
  const from = node.state === 'awaiting_approval' ? 'stopped' : 'errored';
  return [...endRun(node, { state: 'failed', error }), ...moved(node, from, error.message)];
}

/** Ends a node because somebody wants no more of it. */
export function stopped(node: GraphNode, reason: string): Change[] {
  if (isTerminal(node.state)) return [];
  return [...endRun(node, { state: 'canceled' }), ...moved(node, 'stopped', reason)];
}

function endRun(node: GraphNode, end: Pick<RunRecord, 'state' | 'error'>): Change[] {
  if (node.kind !== 'agent') return [];
  return [{ type: 'run', node: node.id, run: { attempt: node.run?.attempt ?? 1, ...end } }];
}

/** Why a call was not carried out: a person said no. */
export const DENIED = 'approval_denied';
/** Why an answer that finished is not all that the model would have said. */
export const LENGTH = 'The answer reached the longest length the model may write.';
export const REFUSED = 'The model refused to answer.';
/** Why a node was skipped. */
export const BLOCKED = 'blocked_by_failed_dependencies';

/**
 * What follows from the ends of other nodes: who depends on one that did not finish is skipped, and so on, until nothing follows
 * any more. A denied call that must be approved blocks without ending what waits for it: the call can be tried again.
 */
export function propagated(graph: Graph): Change[] {
  const skipped = new Set<string>();
  const changes: Change[] = [];
  const blockerOf = (node: GraphNode): GraphNode | undefined =>
    node.parents
      .filter(({ kind }) => kind === 'dependency')
      .flatMap(({ node: id }) => graph.nodes.get(id) ?? [])
      .find(
        (parent) =>
          skipped.has(parent.id) ||
          (isTerminal(parent.state) && parent.state !== 'finished' && !isRetriableDenial(parent)),
      );
  // In order of birth: what a skipped node blocks was born after it.
  for (const node of openNodes(graph)) {
    const blocker = node.state === 'pending' ? blockerOf(node) : undefined;
    if (!blocker) continue;
    skipped.add(node.id);
    changes.push(...endRun(node, { state: 'canceled' }), ...moved(node, 'skipped', `${BLOCKED}: ${blocker.id}`));
  }
  return changes;
}

function isRetriableDenial({ state, reason, approval }: GraphNode): boolean {
  return state === 'rejected' && reason === DENIED && approval?.required === true;
}
