import { text, type Message } from 'boternity';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { ancestryOf } from '../graph/path.ts';

/**
 * What the model sees when it answers in `target`: all that leads to it, merged branches too, without what people took out. Messages
 * that were sent while an earlier reply runs hang behind that reply and are not seen by it.
 */
export function contextFor(graph: Graph, target: GraphNode): Message[] {
  return messagesFrom(
    graph,
    ancestryOf(graph, target).filter((node) => node.id !== target.id),
  );
}

/** What the next answer behind a node would see. */
export function contextUpTo(graph: Graph, node: GraphNode): Message[] {
  return messagesFrom(graph, ancestryOf(graph, node));
}

function messagesFrom(graph: Graph, nodes: readonly GraphNode[]): Message[] {
  return summarized(graph, nodes)
    .filter((node) => !node.isExcluded && !node.isDeleted)
    .flatMap((node) => messagesOf(graph, node));
}

/** Where all nodes that a summary stands for are in sight, the summary stands there instead. */
function summarized(graph: Graph, nodes: readonly GraphNode[]): GraphNode[] {
  const bySummary = Map.groupBy(
    nodes.filter((node) => node.summary !== undefined),
    (node) => node.summary,
  );
  if (bySummary.size === 0) return [...nodes];
  const counts = new Map<string, number>();
  for (const { summary } of graph.nodes.values())
    if (summary !== undefined) counts.set(summary, (counts.get(summary) ?? 0) + 1);
  return nodes.flatMap((node) => {
    const stands = node.summary === undefined ? undefined : graph.nodes.get(node.summary);
    const replaced = bySummary.get(node.summary) ?? [];
    if (!stands || replaced.length !== counts.get(stands.id)) return [node];
    return replaced[0] === node ? [stands] : [];
  });
}

function messagesOf(graph: Graph, node: GraphNode): Message[] {
  if (node.kind === 'user') return [{ role: 'user', content: [text(node.text)] }];
  if (node.kind === 'summary') return [{ role: 'user', content: [text(`<summary>\n${node.text}\n</summary>`)] }];
  if (node.opens) return isGreeted(graph, node) ? [{ role: 'user', content: [text(node.text)] }] : [];
  if (node.kind !== 'agent' || (node.text === '' && node.calls.length === 0)) return [];
  const answer: Message = {
    role: 'assistant',
    text: node.text,
    ...(node.thinking !== '' && { thinking: node.thinking }),
    ...(node.calls.length > 0 && { calls: node.calls }),
    ...(node.extra && { extra: node.extra }),
  };
  const tasks = new Map(tasksOf(graph, node).map((task) => [task.call?.id, task]));
  return [answer, ...node.calls.map((call) => resultOf(call.id, call.name, tasks.get(call.id)))];
}

/** What asks for a greeting is told with the greeting alone, and while that is made. */
function isGreeted(graph: Graph, { children }: GraphNode): boolean {
  return children.some(({ node }) => {
    const answer = graph.nodes.get(node);
    if (answer?.kind !== 'agent' || answer.isExcluded || answer.isDeleted) return false;
    return graph.open.has(node) || answer.text !== '';
  });
}

/** The calls that an answer made, each as it was tried last. */
function tasksOf(graph: Graph, node: GraphNode): GraphNode[] {
  return node.children.flatMap((link) => {
    const child = graph.nodes.get(link.node);
    return child?.kind === 'task' && !graph.replaced.has(child.id) ? [child] : [];
  });
}

/** Every call has its result: a provider refuses a history where one is missing. */
function resultOf(callId: string, name: string, task: GraphNode | undefined): Message {
  const missing =
    task?.state === 'rejected'
      ? 'A person denied this call. Go on without it, or ask what they want instead.'
      : 'The call was not carried out: the turn ended before.';
  const result = task?.result ?? { text: missing, isError: true };
  return { role: 'tool', callId, name, content: [text(result.text)], isError: result.isError };
}
