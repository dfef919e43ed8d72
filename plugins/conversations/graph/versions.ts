import { Fault } from 'boternity';
import { answerBehind, firstVersion, type NewId } from './append.ts';
import { DENIED } from './ending.ts';
import { branch } from './lanes.ts';
import type { Change, Graph, GraphNode } from './graph.ts';
import { descendantsOf, lastBehind, leadsTo, openNodes, versionsOf, walkBack } from './path.ts';
import { behaviours, isTerminal, nodeOf, openLane } from './rules.ts';

/** How often one answer may be tried again. */
export const MOST_ATTEMPTS = 5;

/**
 * Tries a node again that failed, was stopped or denied: another takes its place and all that waits behind it. Throws
 * RETRY_REFUSED with the reason.
 */
export function retry(graph: Graph, id: string, newId: NewId): { readonly changes: Change[]; readonly node: string } {
  const node = nodeOf(graph, id);
  const attempt = (node.run?.attempt ?? attemptsOf(graph, node)) + 1;
  const refuse = (why: string): Fault => new Fault('RETRY_REFUSED', `It cannot be tried again: ${why}.`);
  if (!behaviours[node.kind].isRetriable) throw refuse('it is no answer and no call of a tool');
  if (graph.replaced.has(id)) throw refuse('it is being tried again already');
  if (!isTerminal(node.state)) throw refuse('it has not ended');
  if (node.state === 'finished' || node.state === 'skipped') throw refuse(`it is ${node.state}`);
  if (attempt > MOST_ATTEMPTS) throw refuse(`it was tried ${MOST_ATTEMPTS} times`);
  openLane(graph, node.lane);
  const children = node.children.filter((link) => link.kind !== 'branch');
  const isBegun = (each: GraphNode): boolean => each.state !== 'pending' || graph.claimed.has(each.id);
  if (descendantsOf(graph, node).some((each) => each.kind !== 'user' && isBegun(each)))
    throw refuse('what came after it has been answered; regenerate it instead');
  const made = newId();
  return {
    node: made,
    changes: [
      ...again(node, made, attempt),
      ...node.parents.map(({ node: from, kind }): Change => ({ type: 'edge', from, to: made, kind })),
      ...children.flatMap(({ node: to, kind }): Change[] => [
        { type: 'unlink', from: id, to, kind },
        { type: 'edge', from: made, to, kind },
      ]),
      ...headsAt(graph, id, made),
    ],
  };
}

function again(node: GraphNode, id: string, attempt: number): Change[] {
  const { turn, lane, version, kind, call, resolution, approval } = node;
  const birth = { id, turn, lane, version, retries: node.id };
  if (kind === 'agent') return answerBehind([], node, id, { version, retries: node.id, attempt }).changes;
  const isAsked = node.reason === DENIED && approval !== undefined;
  const state = isAsked ? 'awaiting_approval' : 'pending';
  const asked = { ...(call && { call }), ...(resolution && { resolution }), ...(approval && { approval }) };
  return [{ type: 'node', node: { ...birth, kind: 'task', state, ...asked } }];
}

function attemptsOf(graph: Graph, node: GraphNode): number {
  let count = 1;
  for (let each = node.retries; each !== undefined; each = graph.nodes.get(each)?.retries) count += 1;
  return count;
}

function headsAt(graph: Graph, from: string, to: string): Change[] {
  return [...graph.lanes.values()]
    .filter((lane) => lane.head === from)
    .map((lane): Change => ({ type: 'head', lane: lane.id, node: to }));
}

/** The first node of the answer to which a node belongs: what hangs on the message. */
export function firstOfReply(graph: Graph, node: GraphNode): GraphNode {
  let first = node;
  for (const each of walkBack(graph, node.id)) {
    if (each.turn !== node.turn || each.kind === 'user') break;
    first = each;
  }
  return first;
}

/**
 * Another answer to the same message. At the end of a lane it is a version of the answer; anywhere else a branch that begins
 * before it, so that nothing that came after is lost.
 */
export function regenerate(
  graph: Graph,
  id: string,
  newId: NewId,
): { readonly changes: Change[]; readonly node: string; readonly lane: string } {
  const node = nodeOf(graph, id);
  if (node.kind !== 'agent') throw new Fault('REGENERATE_REFUSED', 'Only an answer can be given anew.');
  const first = firstOfReply(graph, node);
  const lane = openLane(graph, node.lane);
  const last = lane.head === null ? undefined : graph.nodes.get(lane.head);
  if (last && firstOfReply(graph, last).id === first.id) {
    if (!isTerminal(last.state)) throw new Fault('NODE_BUSY', 'The answer has not ended.');
    return { ...anotherVersion(graph, first, newId), lane: lane.id };
  }
  const before = first.parents.find((link) => link.kind !== 'branch');
  if (!before || !isTerminal(first.state)) throw new Fault('NODE_BUSY', 'The answer has not begun.');
  const made = branch(graph, { from: before.node, kind: 'branch', title: '' }, newId);
  return { changes: made.changes, node: made.reply ?? '', lane: made.lane };
}

function anotherVersion(graph: Graph, first: GraphNode, newId: NewId): { changes: Change[]; node: string } {
  const { set } = first.version;
  const number = Math.max(...(graph.versions.get(set) ?? []).map((id) => graph.nodes.get(id)?.version.number ?? 0)) + 1;
  const parents = first.parents.filter(({ kind }) => kind !== 'branch').map(({ node }) => node);
  const made = answerBehind(parents, first, newId(), { version: { set, number } });
  return { changes: [...made.changes, { type: 'head', lane: first.lane, node: made.id }], node: made.id };
}

/** Another wording of what a person said, and an answer to it. What came after the old one stays with the old one. */
export function edit(
  graph: Graph,
  id: string,
  text: string,
  newId: NewId,
): { readonly changes: Change[]; readonly node: string; readonly reply: string } {
  const node = nodeOf(graph, id);
  if (!behaviours[node.kind].isEditable)
    throw new Fault('EDIT_REFUSED', 'Only what a person wrote can be edited.', {
      hint: 'Ask for another answer instead.',
    });
  openLane(graph, node.lane);
  if (descendantsOf(graph, node).some((each) => !isTerminal(each.state)))
    throw new Fault('NODE_BUSY', 'An answer behind it has not ended.');
  const { set } = node.version;
  const number = (graph.versions.get(set)?.length ?? 0) + 1;
  const turn = newId();
  const made = newId();
  const parents = node.parents.filter((link) => link.kind !== 'branch');
  const reply = answerBehind([made], { turn, lane: node.lane }, newId());
  return {
    node: made,
    reply: reply.id,
    changes: [
      {
        type: 'node',
        node: {
          ...firstVersion(made, { turn, lane: node.lane }),
          kind: node.kind,
          ...(node.opens && { opens: true as const }),
          state: 'finished',
          version: { set, number },
          text,
          ...(node.attachments && { attachments: node.attachments }),
        },
      },
      ...parents.map(({ node: from, kind }): Change => ({ type: 'edge', from, to: made, kind })),
      { type: 'edge', from: id, to: made, kind: 'branch' },
      ...reply.changes,
      { type: 'head', lane: node.lane, node: reply.id },
    ],
  };
}

/** Which version: its id, its place from 1, or `previous` or `next` of the one that is shown. */
export type VersionChoice = string | number;

/** Shows another version of a message or an answer, with what came after it then. Throws VERSION_MISSING. */
export function select(
  graph: Graph,
  id: string,
  choice: VersionChoice,
): { readonly changes: Change[]; readonly node: string } {
  const node = nodeOf(graph, id);
  const shown = node.kind === 'agent' ? firstOfReply(graph, node) : node;
  const versions = versionsOf(graph, shown.version.set);
  const lane = openLane(graph, shown.lane);
  if (openNodes(graph).some((each) => each.lane === lane.id))
    throw new Fault('NODE_BUSY', 'An answer is being given; stop it or wait.');
  const current = versions.findIndex((version) => leadsTo(graph, version, lane.head));
  const wanted = versions[placeOf(versions, choice, Math.max(current, 0))];
  if (!wanted) throw new Fault('VERSION_MISSING', `There are ${versions.length} versions; ${choice} is none of them.`);
  const head = lastBehind(graph, wanted);
  return { node: wanted.id, changes: head.id === lane.head ? [] : [{ type: 'head', lane: lane.id, node: head.id }] };
}

function placeOf(versions: readonly GraphNode[], choice: VersionChoice, current: number): number {
  if (choice === 'previous') return Math.max(0, current - 1);
  if (choice === 'next') return Math.min(versions.length - 1, current + 1);
  return typeof choice === 'number' ? choice - 1 : versions.findIndex((version) => version.id === choice);
}
