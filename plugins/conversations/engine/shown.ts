import { MAIN, type Graph, type GraphNode } from '../graph/graph.ts';
import { walkBack } from '../graph/path.ts';

/** A message or an answer, and a branch that shows it. */
export interface Shown {
  readonly node: GraphNode;
  readonly lane: string;
}

/**
 * What can be found in a conversation: messages and answers that its branches show now, latest first in each, the main one first. Not
 * what was deleted or left out, no versions that are not chosen, no branches in the archive, nothing of tools.
 */
export function shownIn(graph: Graph): Shown[] {
  const shown: Shown[] = [];
  const seen = new Set<string>();
  for (const lane of graph.lanes.values()) {
    if (lane.isArchived && lane.id !== MAIN) continue;
    for (const node of walkBack(graph, lane.head)) {
      // All that leads to it was met in another branch.
      if (seen.has(node.id)) break;
      seen.add(node.id);
      const isMessage = node.kind === 'user' || node.kind === 'agent';
      if (isMessage && !node.isDeleted && !node.isExcluded && node.text !== '') shown.push({ node, lane: lane.id });
    }
  }
  return shown;
}
