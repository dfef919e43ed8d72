import { Fault } from 'boternity';
import { answerBehind, append, type NewId } from './append.ts';
import type { Change, Graph, GraphNode, LaneKind } from './graph.ts';
import { MAIN } from './graph.ts';
import { forksAt, openNodes } from './path.ts';
import { behaviours, isTerminal, laneOf, nodeOf, openLane } from './rules.ts';

export interface NewLane {
  /** The node behind which it begins. */
  readonly from: string;
  readonly kind: Exclude<LaneKind, 'main'>;
  readonly title: string;
  /** The first message in it. */
  readonly text?: string | undefined;
}

/**
 * A lane that begins behind a node; what came after it is not part of it. Behind a message it asks for another answer, unless it is
 * a checkpoint, which only marks the place. Throws FORK_REFUSED.
 */
export function branch(
  graph: Graph,
  { from, kind, title, text }: NewLane,
  newId: NewId,
): { readonly changes: Change[]; readonly lane: string; readonly reply: string | undefined } {
  const node = nodeOf(graph, from);
  const refuse = (why: string): Fault => new Fault('FORK_REFUSED', `No branch can begin there: ${why}.`);
  if (!behaviours[node.kind].isForkable) throw refuse('it is no message');
  if (node.isDeleted) throw refuse('the message is deleted');
  if (!isTerminal(node.state)) throw refuse('the answer has not ended');
  if (graph.replaced.has(node.id)) throw refuse('the answer was tried again; begin behind the new one');
  const id = newId();
  const parent = openLane(graph, node.lane);
  const name = title.trim() === '' ? `${kind} ${graph.lanes.size}` : title.trim();
  const born: Change[] = [{ type: 'lane', lane: { id, kind, parent: parent.id, from, title: name } }];
  if (kind === 'checkpoint') return { changes: born, lane: id, reply: undefined };
  if (text !== undefined) {
    // The graph does not have the lane yet; only its head counts.
    const ahead: Graph = {
      ...graph,
      lanes: new Map(graph.lanes).set(id, { ...parent, id, head: from, isArchived: false }),
    };
    const { changes, made } = append(ahead, { text, lane: id }, 'queue', newId);
    return { changes: [...born, ...changes], lane: id, reply: made.reply };
  }
  if (behaviours[node.kind].mayEnd) return { changes: born, lane: id, reply: undefined };
  const turn = newId();
  const reply = answerBehind([from], { turn, lane: id }, newId());
  return {
    changes: [...born, ...reply.changes, { type: 'head', lane: id, node: reply.id }],
    lane: id,
    reply: reply.id,
  };
}

/** One answer in a lane that knows what was said in others. They stay as they are. Throws MERGE_REFUSED. */
export function merge(
  graph: Graph,
  sources: readonly string[],
  into: string,
  newId: NewId,
): { readonly changes: Change[]; readonly reply: string } {
  const target = openLane(graph, into);
  const refuse = (why: string): Fault => new Fault('MERGE_REFUSED', `The branches cannot be merged: ${why}.`);
  const heads = sources.map((id) => {
    const lane = laneOf(graph, id);
    if (id === MAIN) throw refuse('the main line can only be merged into');
    if (id === into) throw refuse('a branch cannot be merged into itself');
    if (lane.kind === 'checkpoint' || lane.head === null) throw refuse(`"${lane.title}" holds nothing of its own`);
    return { id, head: nodeOf(graph, lane.head) };
  });
  if (heads.length === 0) throw refuse('none is named');
  if (heads.some(({ head }) => isTerminal(head.state) && head.state !== 'finished'))
    throw refuse('the last answer of one of them failed');
  const id = newId();
  const reply = answerBehind(target.head === null ? [] : [target.head], { turn: newId(), lane: into }, id);
  return {
    reply: id,
    changes: [
      ...reply.changes,
      ...heads.map(({ head }): Change => ({ type: 'edge', from: head.id, to: id, kind: 'dependency' })),
      ...heads.map(({ id: lane }): Change => ({ type: 'merged', lane, into })),
      { type: 'head', lane: into, node: id },
    ],
  };
}

/** Nothing new is written in an archived lane. The main one stands for the whole conversation. Throws NODE_BUSY. */
export function archive(graph: Graph, id: string, isArchived: boolean): Change[] {
  const lane = laneOf(graph, id);
  const isBusy = openNodes(graph).some((node) => id === MAIN || node.lane === id);
  if (isArchived && isBusy) throw new Fault('NODE_BUSY', 'An answer is being given; stop it or wait.');
  return lane.isArchived === isArchived ? [] : [{ type: 'archive', lane: id, isArchived }];
}

/** Out of prompts, or back into them. */
export function exclude(graph: Graph, id: string, excluded: boolean): Change[] {
  const node = nodeOf(graph, id);
  if (!isTerminal(node.state)) throw new Fault('NODE_BUSY', 'The answer has not ended.');
  return node.isExcluded === excluded ? [] : [{ type: 'visibility', node: id, excluded }];
}

/** The message, if it can be deleted once it has ended. A place where a branch begins stays. Throws DELETE_REFUSED. */
export function deletable(graph: Graph, id: string): GraphNode {
  const node = nodeOf(graph, id);
  if (!behaviours[node.kind].isDeletable)
    throw new Fault('DELETE_REFUSED', 'Only messages and answers can be deleted.');
  if (forksAt(graph, node).length > 0)
    throw new Fault('DELETE_REFUSED', 'A branch begins behind this message.', {
      hint: 'Archive the branch or leave the message out of prompts instead.',
    });
  return node;
}

/** Out of what people and models see, or back. Throws DELETE_REFUSED. */
export function remove(graph: Graph, id: string, deleted: boolean): Change[] {
  const node = deleted ? deletable(graph, id) : nodeOf(graph, id);
  if (!isTerminal(node.state)) throw new Fault('NODE_BUSY', 'The answer has not ended.');
  return node.isDeleted === deleted ? [] : [{ type: 'visibility', node: id, deleted }];
}
