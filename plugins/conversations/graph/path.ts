import type { Graph, GraphNode, Lane } from './graph.ts';
import { behaviours, isTerminal } from './rules.ts';

/**
 * The nodes that lead to one and the node itself, last first. Where branches were merged, only the lane that they were merged into is
 * followed.
 */
export function* walkBack(graph: Graph, from: string | null): Generator<GraphNode> {
  const seen = new Set<string>();
  // One node waits here, or the calls that were made side by side.
  const waiting: GraphNode[] = [];
  const add = (id: string | null): void => {
    const node = id === null || seen.has(id) ? undefined : graph.nodes.get(id);
    if (!node) return;
    seen.add(node.id);
    const at = waiting.findLastIndex((other) => other.order < node.order);
    waiting.splice(at + 1, 0, node);
  };
  add(from);
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    yield node;
    for (const { node: parent, kind } of node.parents) {
      const isMerged = kind === 'dependency' && graph.nodes.get(parent)?.turn !== node.turn;
      if (kind !== 'branch' && !isMerged) add(parent);
    }
  }
}

/** All that leads to a node, merged branches too, and the node itself: each behind all that it hangs on. */
export function ancestryOf(graph: Graph, node: GraphNode): GraphNode[] {
  const found = new Set<GraphNode>();
  const begun = new Set<GraphNode>([node]);
  const stack = [{ node, parents: parentsOf(graph, node) }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const parent = top.parents.pop();
    if (!parent) {
      found.add(top.node);
      stack.pop();
    } else if (!begun.has(parent)) {
      begun.add(parent);
      stack.push({ node: parent, parents: parentsOf(graph, parent) });
    }
  }
  return [...found];
}

/** Last born first. */
function parentsOf(graph: Graph, node: GraphNode): GraphNode[] {
  return node.parents
    .flatMap(({ node: id, kind }) => (kind === 'branch' ? [] : (graph.nodes.get(id) ?? [])))
    .toSorted((a, b) => b.order - a.order);
}

/** What a lane shows, oldest first. */
export function pathOf(graph: Graph, lane: Lane): GraphNode[] {
  return [...walkBack(graph, lane.head)].toReversed();
}

/** Whether `ancestor` leads to `node`, or is it. */
export function leadsTo(graph: Graph, ancestor: GraphNode, node: string | null): boolean {
  for (const each of walkBack(graph, node)) if (each.id === ancestor.id) return true;
  return false;
}

/** The nodes that hang on one, itself left out, in order of birth. */
export function descendantsOf(graph: Graph, node: GraphNode): GraphNode[] {
  const found = new Set<GraphNode>([node]);
  for (const each of found) {
    for (const link of each.children) {
      const child = link.kind === 'branch' ? undefined : graph.nodes.get(link.node);
      if (child) found.add(child);
    }
  }
  found.delete(node);
  return [...found].toSorted((a, b) => a.order - b.order);
}

/** The end of what hangs on one within its lane, the latest where there are several; itself when nothing does. */
export function lastBehind(graph: Graph, node: GraphNode): GraphNode {
  const goesOn = (id: string): boolean => graph.nodes.get(id)?.lane === node.lane && !graph.replaced.has(id);
  const ends = descendantsOf(graph, node).filter(
    (each) => goesOn(each.id) && !each.children.some((link) => link.kind !== 'branch' && goesOn(link.node)),
  );
  return ends.at(-1) ?? node;
}

/** The versions that people choose between, in order; what was tried again is left out. */
export function versionsOf(graph: Graph, set: string): GraphNode[] {
  const nodes = (graph.versions.get(set) ?? []).flatMap((id) => graph.nodes.get(id) ?? []);
  return nodes.filter((node) => !graph.replaced.has(node.id) && !node.isDeleted);
}

/** Whether a node is being carried out: such a one ends by itself or by being stopped, never by a change of the graph alone. */
export function isUnderWay(graph: Graph, { id, state }: GraphNode): boolean {
  return state === 'running' || graph.claimed.has(id);
}

/** Nodes that have not ended, in order of birth. */
export function openNodes(graph: Graph): GraphNode[] {
  return [...graph.open].flatMap((id) => graph.nodes.get(id) ?? []).toSorted((a, b) => a.order - b.order);
}

/** Nodes that have not ended and lead to the head of a lane, in order of birth. */
export function openIn(graph: Graph, lane: Lane): GraphNode[] {
  const found: GraphNode[] = [];
  if (graph.open.size === 0) return found;
  for (const node of walkBack(graph, lane.head)) {
    if (graph.open.has(node.id)) found.push(node);
    if (found.length === graph.open.size) break;
  }
  return found.toSorted((a, b) => a.order - b.order);
}

/** Lanes that begin behind a node. */
export function forksAt(graph: Graph, node: GraphNode): Lane[] {
  return [...graph.lanes.values()].filter((lane) => lane.from === node.id);
}

/** Whether all that a node waits for is there. A message waits for nothing itself, but what hangs on it waits for what is before it. */
export function isReady(graph: Graph, node: GraphNode): boolean {
  const waiting = new Set([node]);
  for (const { parents } of waiting) {
    for (const { node: id, kind } of parents) {
      const parent = graph.nodes.get(id);
      if (!parent || kind === 'branch') continue;
      if (!isTerminal(parent.state) || (kind === 'dependency' && parent.state !== 'finished')) return false;
      if (!behaviours[parent.kind].isExecutable) waiting.add(parent);
    }
  }
  return true;
}
