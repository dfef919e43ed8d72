import { text, type Message } from 'boternity';
import type { Graph, GraphNode } from './graph.ts';

/**
 * What the model sees when it answers in `target`: the turns before its own, then its own turn up to it. Messages sent
 * while an earlier reply runs belong to later turns and are not seen yet.
 */
export function contextFor(graph: Graph, target: GraphNode): Message[] {
  const turns = Map.groupBy(graph.nodes.values(), (node) => node.turn);
  const messages: Message[] = [];
  for (const [turn, nodes] of turns) {
    const until = turn === target.turn ? nodes.indexOf(target) : nodes.length;
    messages.push(...turnMessages(nodes.slice(0, until).filter((node) => node.isActive)));
    if (turn === target.turn) break;
  }
  return messages;
}

function turnMessages(nodes: readonly GraphNode[]): Message[] {
  const tasks = new Map(nodes.filter((node) => node.call).map((node) => [node.call?.id, node]));
  return nodes.flatMap((node): Message[] => {
    if (node.kind === 'user') return [{ role: 'user', content: [text(node.text)] }];
    if (node.kind === 'task' || (node.text === '' && node.calls.length === 0)) return [];
    const answer: Message = {
      role: 'assistant',
      text: node.text,
      ...(node.thinking !== '' && { thinking: node.thinking }),
      ...(node.calls.length > 0 && { calls: node.calls }),
      ...(node.extra && { extra: node.extra }),
    };
    return [answer, ...node.calls.map((call) => resultOf(call.id, call.name, tasks.get(call.id)))];
  });
}

/** Every call has its result: a provider refuses a history where one is missing. */
function resultOf(callId: string, name: string, task: GraphNode | undefined): Message {
  const result = task?.result ?? { text: 'The call was not carried out: the turn ended before.', isError: true };
  return { role: 'tool', callId, name, content: [text(result.text)], isError: result.isError };
}
