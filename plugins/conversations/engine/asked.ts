import type { AskedTurn } from 'boternity';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { walkBack } from '../graph/path.ts';

/** Messages that plugins are shown of what was said last. */
const SHOWN = 8;

/** What plugins are told of a turn that begins at a node; of the next one, where none has begun. */
export function askedIn(graph: Graph, turn: string | undefined, node: GraphNode | undefined): AskedTurn {
  const said: { role: 'user' | 'assistant'; text: string }[] = [];
  for (const { kind, text, isDeleted, isExcluded, opens } of node ? walkBack(graph, node.id) : []) {
    if (isDeleted || isExcluded || opens || text === '' || (kind !== 'user' && kind !== 'agent')) continue;
    said.push({ role: kind === 'user' ? 'user' : 'assistant', text });
    if (said.length === SHOWN) break;
  }
  return { conversation: graph.id, turn, origin: graph.origin, said };
}
