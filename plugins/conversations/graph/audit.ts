import type { Graph, GraphNode, Lane } from './graph.ts';
import { isReady, openNodes, walkBack } from './path.ts';
import { behaviours, isTerminal } from './rules.ts';

/** Something in a graph that no sequence of operations can bring about: a sentence with ids. */
export type Finding = string;

/** What is wrong with a conversation; nothing when it is sound. Looks at every node and every edge once. */
export function audit(graph: Graph): Finding[] {
  return [...graph.nodes.values()]
    .flatMap((node) => auditNode(graph, node))
    .concat(
      [...graph.lanes.values()].flatMap((lane) => auditLane(graph, lane)),
      auditCircles(graph),
      auditOpen(graph),
    );
}

function auditNode(graph: Graph, node: GraphNode): Finding[] {
  const found: Finding[] = [];
  const say = (what: string): void => void found.push(`${node.kind} ${node.id} ${what}`);
  if (!behaviours[node.kind].isExecutable && !isTerminal(node.state))
    say(`is ${node.state} and nothing can carry it out`);
  if (!graph.lanes.has(node.lane)) say(`is in the lane ${node.lane}, which is not there`);
  if (isTerminal(node.state) !== (node.finishedAt !== null)) say('has ended without a time, or the other way round');
  if (isTerminal(node.state) === graph.open.has(node.id)) say('is counted wrongly among the open ones');
  for (const { node: id, kind } of node.parents) {
    const parent = graph.nodes.get(id);
    if (!parent) say(`hangs on ${id}, which is not there`);
    else if (!parent.children.some((link) => link.node === node.id && link.kind === kind))
      say(`hangs on ${id} one way`);
  }
  for (const { node: id, kind } of node.children)
    if (!graph.nodes.get(id)?.parents.some((link) => link.node === node.id && link.kind === kind))
      say(`holds ${id} one way`);
  if (node.kind === 'task' && !node.call) say('calls nothing');
  if (node.kind === 'agent' && !node.run) say('has no run');
  if (node.translations.length > 0 && !behaviours[node.kind].isShown) say('is no message and is translated');
  if (new Set(node.translations.map(({ language }) => language)).size < node.translations.length)
    say('is translated into one language twice');
  if (node.run && !matches(node)) say(`is ${node.state} and its run is ${node.run.state}`);
  return found;
}

const runs: Readonly<Record<string, readonly string[]>> = {
  pending: ['queued'],
  running: ['running'],
  finished: ['succeeded'],
  errored: ['failed'],
  stopped: ['canceled', 'failed'],
  skipped: ['canceled'],
};

/** Every accepted message ends in one of answered, failed, canceled; what its run says is what its node says. */
function matches({ state, run }: GraphNode): boolean {
  return run === undefined || (runs[state]?.includes(run.state) ?? false);
}

/** Takes away what hangs on nothing, again and again; what is left hangs on itself. */
function auditCircles(graph: Graph): Finding[] {
  const waitsFor = new Map<string, number>();
  const free: GraphNode[] = [];
  for (const node of graph.nodes.values()) {
    const count = node.parents.filter((link) => link.kind !== 'branch').length;
    waitsFor.set(node.id, count);
    if (count === 0) free.push(node);
  }
  for (let node = free.pop(); node; node = free.pop()) {
    waitsFor.delete(node.id);
    for (const { node: id, kind } of node.children) {
      const child = kind === 'branch' ? undefined : graph.nodes.get(id);
      const left = (waitsFor.get(id) ?? 0) - 1;
      if (!child) continue;
      waitsFor.set(id, left);
      if (left === 0) free.push(child);
    }
  }
  return waitsFor.size === 0 ? [] : [`these lead to each other: ${[...waitsFor.keys()].join(', ')}`];
}

function auditLane(graph: Graph, lane: Lane): Finding[] {
  const head = lane.head === null ? undefined : graph.nodes.get(lane.head);
  if (lane.head !== null && !head) return [`lane ${lane.id} ends with ${lane.head}, which is not there`];
  if (!head || lane.kind === 'checkpoint') return [];
  if (!behaviours[head.kind].mayEnd && isTerminal(head.state))
    return [`lane ${lane.id} ends with the ${head.kind} ${head.id}`];
  if (lane.from === null) return [];
  // What it began behind may have been tried again since: then another version stands there.
  const set = graph.nodes.get(lane.from)?.version.set;
  for (const node of walkBack(graph, head.id)) if (node.version.set === set) return [];
  return [`lane ${lane.id} does not lead back to where it began`];
}

/** Something has to come of everything that has not ended. */
function auditOpen(graph: Graph): Finding[] {
  const open = openNodes(graph);
  const isMoving = open.some(
    (node) => node.state === 'running' || node.state === 'awaiting_approval' || isReady(graph, node),
  );
  const isDenied = open.some((node) => node.parents.some((link) => graph.nodes.get(link.node)?.state === 'rejected'));
  return open.length === 0 || isMoving || isDenied
    ? []
    : [`nothing will ever come of ${open.map(({ id }) => id).join(', ')}`];
}
