import { Fault } from 'boternity';
import { stopped } from './ending.ts';
import type { Attachment, Change, Graph, GraphNode, Lane, NodeBirth } from './graph.ts';
import { isUnderWay, openIn, walkBack } from './path.ts';
import { openLane } from './rules.ts';

/** What becomes of a message that is sent while a reply is given or waits. */
export type InputPolicy = 'queue' | 'restart' | 'refuse-stale';

export interface Message {
  readonly text: string;
  readonly lane: string;
  readonly key?: string | undefined;
  readonly attachments?: readonly Attachment[];
}

/** A turn: what a person said, and the node in which the bot will answer. */
export interface Turn {
  readonly turn: string;
  readonly message: string;
  readonly reply: string;
}

export type NewId = () => string;

/**
 * A message and its reply behind the head of a lane. `queue`: the reply waits for the one before. `restart`: replies under way are
 * stopped and left out of prompts. `refuse-stale`: replies that have not begun are dropped without a line; the newest answers all.
 */
export function append(
  graph: Graph,
  { text, lane: laneId, key, attachments = [] }: Message,
  policy: InputPolicy,
  newId: NewId,
): { readonly changes: Change[]; readonly made: Turn } {
  const lane = openLane(graph, laneId);
  const turn = newId();
  const message: NodeBirth = {
    ...firstVersion(newId(), { turn, lane: laneId }),
    kind: 'user',
    state: 'finished',
    text,
    ...(key !== undefined && { key }),
    ...(attachments.length > 0 && { attachments }),
  };
  const head = lane.head === null ? undefined : graph.nodes.get(lane.head);
  const reply = answerBehind([message.id], message, newId());
  const changes: Change[] = [
    ...overtaken(graph, lane, policy),
    { type: 'node', node: message },
    ...(head ? [{ type: 'edge' as const, from: head.id, to: message.id, kind: 'sequence' as const }] : []),
    ...reply.changes,
    { type: 'head', lane: laneId, node: reply.id },
  ];
  return { changes, made: { turn, message: message.id, reply: reply.id } };
}

/** The turn that was made of a message with this key. Throws MESSAGE_CONFLICT when it said something else, or elsewhere. */
export function alreadySent(graph: Graph, { text, lane, key, attachments = [] }: Message): Turn | undefined {
  const node = key === undefined ? undefined : graph.nodes.get(graph.keys.get(key) ?? '');
  if (!node) return undefined;
  const isOther = (node.attachments ?? []).map(({ id }) => id).join() !== attachments.map(({ id }) => id).join();
  if (node.text !== text || node.lane !== lane || isOther)
    throw new Fault('MESSAGE_CONFLICT', `Another message was sent with the key ${JSON.stringify(key)}.`);
  const reply = node.children
    .map((link) => graph.nodes.get(link.node))
    .find((each) => each?.turn === node.turn && !graph.replaced.has(each.id));
  return { turn: node.turn, message: node.id, reply: reply?.id ?? '' };
}

/** A node that will hold an answer, queued behind others. */
export function answerBehind(
  parents: readonly string[],
  { turn, lane }: Pick<NodeBirth, 'turn' | 'lane'>,
  id: string,
  more: Partial<Pick<NodeBirth, 'version' | 'retries'>> & { readonly attempt?: number } = {},
): { readonly id: string; readonly changes: Change[] } {
  const { attempt = 1, ...birth } = more;
  return {
    id,
    changes: [
      { type: 'node', node: { ...firstVersion(id, { turn, lane }), kind: 'agent', state: 'pending', ...birth } },
      ...parents.map((from): Change => ({ type: 'edge', from, to: id, kind: 'sequence' })),
      { type: 'run', node: id, run: { state: 'queued', attempt } },
    ],
  };
}

export function firstVersion(
  id: string,
  { turn, lane }: Pick<NodeBirth, 'turn' | 'lane'>,
): Pick<NodeBirth, 'id' | 'turn' | 'lane' | 'version'> {
  return { id, turn, lane, version: { set: id, number: 1 } };
}

function overtaken(graph: Graph, lane: Lane, policy: InputPolicy): Change[] {
  if (policy === 'queue') return [];
  const open = openIn(graph, lane).filter((node) => node.lane === lane.id);
  if (policy === 'restart') {
    const replies = new Set(open.map((node) => node.turn));
    return [
      ...open.flatMap((node) => (isUnderWay(graph, node) ? [] : stopped(node, 'Another message came.'))),
      ...lastTurns(graph, lane, replies).map((node): Change => ({ type: 'visibility', node: node.id, excluded: true })),
    ];
  }
  const isBegun = (node: GraphNode): boolean =>
    node.parents.some((link) => graph.nodes.get(link.node)?.kind === 'task');
  const dropped = open.filter(
    (node) => node.kind === 'agent' && node.state === 'pending' && !isUnderWay(graph, node) && !isBegun(node),
  );
  return [
    ...dropped.flatMap((node) => stopped(node, STALE)),
    ...dropped.map(({ id }): Change => ({ type: 'visibility', node: id, deleted: true, excluded: true })),
  ];
}

/** Answers and calls of the given turns, which stand together at the end of a lane. */
function lastTurns(graph: Graph, lane: Lane, turns: ReadonlySet<string>): GraphNode[] {
  const found: GraphNode[] = [];
  for (const node of walkBack(graph, lane.head)) {
    if (!turns.has(node.turn)) break;
    if (node.kind !== 'user') found.push(node);
  }
  return found;
}

/** Why a reply that waited was dropped. */
export const STALE = 'Another message came before it began.';
