import { Fault, type ToolCall } from 'boternity';
import { answerBehind, firstVersion, type NewId } from './append.ts';
import { MAIN, type Change, type Graph, type GraphNode, type NodeBirth } from './graph.ts';
import { laneOf, openLane } from './rules.ts';

/** A result of a tool that a client carried out itself. */
export interface ToolReturn {
  readonly callId: string;
  readonly text: string;
}

/** Something that was said before a conversation came here. */
export type Past =
  | { readonly role: 'system' | 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly ToolCall[] }
  | ({ readonly role: 'tool' } & ToolReturn);

interface Asked {
  readonly changes: Change[];
  readonly turn: string;
  readonly reply: string;
}

/** What was said elsewhere as nodes of an empty conversation that nobody answers, and an answer to the last of it. Throws INPUT_INVALID. */
export function recall(past: readonly Past[], newId: NewId): Asked {
  const changes: Change[] = [];
  let turn = newId();
  let behind: string[] = [];
  let asked: { readonly id: string; readonly turn: string; readonly calls: readonly ToolCall[] } | undefined;
  for (const said of past) {
    if (said.role === 'tool') {
      const call = asked?.calls.find(({ id }) => id === said.callId);
      if (!asked || !call) throw unasked(said);
      const made = returned({ ...asked, lane: MAIN }, call, said.text, newId);
      changes.push(...made.changes);
      behind = [...behind.filter((id) => id !== asked?.id), made.id];
      continue;
    }
    if (said.role === 'user' && behind.length > 0) turn = newId();
    const id = newId();
    changes.push(...nodesOf(said, { id, turn }), ...sequence(behind, id));
    asked = said.role === 'assistant' ? { id, turn, calls: said.calls } : undefined;
    behind = [id];
  }
  // What follows the results of a client is a turn of its own, so that the limits of a turn do not add up.
  if (past.at(-1)?.role === 'tool') turn = newId();
  const reply = answerBehind(behind, { turn, lane: MAIN }, newId());
  return {
    turn,
    reply: reply.id,
    changes: [...changes, ...reply.changes, { type: 'head', lane: MAIN, node: reply.id }],
  };
}

/**
 * Results of tools that a client carried out, as the last answer of a lane asked for them, then perhaps what a person says, and the
 * answer that reads them. Throws INPUT_INVALID.
 */
export function giveBack(
  graph: Graph,
  lane: string,
  { results, text }: { readonly results: readonly ToolReturn[]; readonly text: string | undefined },
  newId: NewId,
): Asked {
  const { head } = openLane(graph, laneOf(graph, lane).id);
  const node = head === null ? undefined : graph.nodes.get(head);
  const made = results.map((result) => {
    const call = node && openCalls(graph, node).find(({ id }) => id === result.callId);
    if (!node || !call) throw unasked(result);
    return returned(node, call, result.text, newId);
  });
  const turn = newId();
  const tasks = made.map(({ id }) => id);
  const message = text === undefined ? undefined : newId();
  const reply = answerBehind(message === undefined ? tasks : [message], { turn, lane }, newId());
  return {
    turn,
    reply: reply.id,
    changes: [
      ...made.flatMap(({ changes }) => changes),
      ...(message === undefined || text === undefined
        ? []
        : [...nodesOf({ role: 'user', text }, { id: message, turn, lane }), ...sequence(tasks, message)]),
      ...reply.changes,
      { type: 'head', lane, node: reply.id },
    ],
  };
}

/** The calls of an answer that nobody has carried out: those of a client's tools. */
export function openCalls(graph: Graph, { calls, children }: Pick<GraphNode, 'calls' | 'children'>): ToolCall[] {
  const made = new Set(children.map(({ node }) => graph.nodes.get(node)?.call?.id));
  return calls.filter(({ id }) => !made.has(id));
}

function nodesOf(
  said: Exclude<Past, { role: 'tool' }>,
  { id, turn, lane = MAIN }: { readonly id: string; readonly turn: string; readonly lane?: string },
): Change[] {
  const birth = { ...firstVersion(id, { turn, lane }), state: 'finished', text: said.text } as const;
  if (said.role !== 'assistant') return [{ type: 'node', node: { ...birth, kind: said.role } }];
  return [
    { type: 'node', node: { ...birth, kind: 'agent' } },
    ...(said.calls.length > 0 ? [{ type: 'answer' as const, node: id, calls: said.calls }] : []),
    { type: 'run', node: id, run: { state: 'succeeded', attempt: 1 } },
  ];
}

function returned(
  node: Pick<NodeBirth, 'id' | 'turn' | 'lane'>,
  call: ToolCall,
  text: string,
  newId: NewId,
): { readonly id: string; readonly changes: Change[] } {
  const id = newId();
  return {
    id,
    changes: [
      { type: 'node', node: { ...firstVersion(id, node), kind: 'task', state: 'finished', call } },
      ...sequence([node.id], id),
      { type: 'result', node: id, text, isError: false },
    ],
  };
}

function sequence(parents: readonly string[], to: string): Change[] {
  return parents.map((from) => ({ type: 'edge', from, to, kind: 'sequence' }));
}

function unasked({ callId }: ToolReturn): Fault {
  return new Fault('INPUT_INVALID', `Nobody asked for the result "${callId}" of a tool.`, {
    hint: 'Send the message with the calls before their results, and each result once.',
  });
}
