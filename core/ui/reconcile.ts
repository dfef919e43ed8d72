/**
 * How live events become a conversation's page: a pure function over plain data. Events may come twice, late, cut
 * differently or not at all; the page then is right, or known to be wrong (`isStale`), but never silently wrong.
 */

/** What the reconciler reads of a node; whatever else a node has passes through. */
export interface NodeLike {
  readonly id: string;
  /** Nodes of one turn stand together. */
  readonly turn: string;
  /** The branch in which it was born. */
  readonly lane: string;
  readonly kind: string;
  readonly state: string;
  readonly text: string;
  readonly thinking: string;
}

export interface PageLike {
  readonly id: string;
  readonly state: 'idle' | 'running';
  /** The branch that is shown. */
  readonly lane: string;
  /** Oldest first. */
  readonly nodes: readonly NodeLike[];
  /** Whether there are older ones. */
  readonly hasMore: boolean;
  /** The node that is being answered now. */
  readonly active: string | null;
  /** `epoch:seq`: the last event that the page contains. */
  readonly cursor: string;
}

export interface Delta {
  readonly type: 'delta';
  readonly seq: number;
  readonly node: string;
  /** The branch in which the node was born. */
  readonly lane: string;
  readonly channel: 'text' | 'thinking';
  /** Where the text begins in the channel, in UTF-16 units. */
  readonly offset: number;
  readonly text: string;
}

export interface NodeChange {
  readonly type: 'node';
  readonly seq: number;
  readonly node: Omit<NodeLike, 'text' | 'thinking'>;
  readonly length: { readonly text: number; readonly thinking: number };
  readonly text?: string | undefined;
}

export type LiveEvent =
  | Delta
  | NodeChange
  | { readonly type: 'title'; readonly seq: number; readonly title: string }
  | { readonly type: 'page'; readonly seq: number }
  | { readonly type: 'reset'; readonly seq: number };

/** A page and what is known of the events that made it. */
export interface View<Page extends PageLike = PageLike> {
  readonly page: Page;
  /** Number of the last event that the page contained when it was read. */
  readonly readAt: number;
  readonly highest: number;
  /** Numbers below `highest` that have not come. */
  readonly missing: readonly number[];
  /** Pieces that came before what stands in front of them. */
  readonly early: readonly Delta[];
  /** Numbers of the first and the last event that described a node. A node without them came with the page. */
  readonly described: ReadonlyMap<string, { readonly first: number; readonly last: number }>;
  /** True when no event can repair the page: it has to be read again. */
  readonly isStale: boolean;
}

/** So many numbers may be missing before the page is simply read again. */
const MOST_MISSING = 1_000;
const terminal = new Set(['finished', 'errored', 'rejected', 'skipped', 'stopped']);

/** Whether a node in this state has said its last word. */
export function isTerminal(state: string): boolean {
  return terminal.has(state);
}

export function openView<Page extends PageLike>(page: Page): View<Page> {
  const readAt = Number(page.cursor.slice(page.cursor.lastIndexOf(':') + 1)) || 0;
  return { page, readAt, highest: readAt, missing: [], early: [], described: new Map(), isStale: false };
}

/** Whether something is missing that may still arrive. A gap that stays is a reason to read the page again. */
export function hasGap(view: View): boolean {
  return view.missing.length > 0 || view.early.length > 0;
}

/** The cursor from which a reader of this view goes on: before the first event that is missing, else behind the last. */
export function resumeAt({ page, missing, highest }: View): string {
  const epoch = page.cursor.slice(0, page.cursor.lastIndexOf(':') + 1);
  return `${epoch}${Math.min(highest, ...missing.map((seq) => seq - 1))}`;
}

/** The view after one more event. Parts that did not change keep their identity; an event that changes nothing gives the same view. */
export function reconcile<Page extends PageLike>(view: View<Page>, event: LiveEvent): View<Page> {
  if (event.type === 'reset') return { ...view, isStale: true };
  const counted = count(view, event.seq);
  if (event.type === 'page') return { ...counted, isStale: true };
  if (event.type === 'title') return { ...counted, page: { ...counted.page, title: event.title } };
  if (event.type === 'delta') return applyDelta(counted, event);
  // A newer server may tell of things this reader does not know.
  return event.type === 'node' ? applyNode(counted, event, event.seq < view.highest) : counted;
}

function count<Page extends PageLike>(view: View<Page>, seq: number): View<Page> {
  if (seq <= view.highest) {
    if (!view.missing.includes(seq)) return view;
    return { ...view, missing: view.missing.filter((number) => number !== seq) };
  }
  const skipped = seq - view.highest - 1;
  if (skipped === 0) return { ...view, highest: seq };
  if (skipped > MOST_MISSING) return { ...view, highest: seq, isStale: true };
  const missing = [...view.missing, ...Array.from({ length: skipped }, (_, index) => view.highest + 1 + index)];
  return { ...view, highest: seq, missing };
}

function applyDelta<Page extends PageLike>(view: View<Page>, delta: Delta): View<Page> {
  const index = view.page.nodes.findLastIndex((node) => node.id === delta.node);
  const node = view.page.nodes[index];
  const held = node?.[delta.channel] ?? '';
  if (!node && delta.lane !== view.page.lane) return view;
  if (!node || delta.offset > held.length) return { ...view, early: [...view.early, delta] };
  const known = held.slice(delta.offset, delta.offset + delta.text.length);
  if (!delta.text.startsWith(known)) return { ...view, isStale: true };
  if (known.length === delta.text.length) return view;
  const longer = { ...node, [delta.channel]: held + delta.text.slice(known.length) };
  const page = { ...view.page, nodes: view.page.nodes.with(index, longer) };
  return applyEarly({ ...view, page }, delta.node);
}

/** Tries the pieces that waited for a node again. */
function applyEarly<Page extends PageLike>(view: View<Page>, node: string): View<Page> {
  const waiting = view.early.filter((delta) => delta.node === node);
  if (waiting.length === 0) return view;
  const others = view.early.filter((delta) => delta.node !== node);
  const ordered = waiting.toSorted((a, b) => a.offset - b.offset);
  let next: View<Page> = { ...view, early: others };
  for (const delta of ordered) next = applyDelta(next, delta);
  return next;
}

function applyNode<Page extends PageLike>(view: View<Page>, change: NodeChange, isLate: boolean): View<Page> {
  const { id, state } = change.node;
  const seen = view.described.get(id);
  if (seen && change.seq < seen.first) return { ...view, isStale: true };
  if (change.seq <= (seen?.last ?? view.readAt)) return view;
  // What is new in another branch is no part of this one.
  if (change.node.lane !== view.page.lane && !view.page.nodes.some((node) => node.id === id)) return view;
  const nodes = placeNode(view, change);
  const page = { ...view.page, nodes, ...activity(nodes) };
  const described = new Map(view.described).set(id, { first: seen?.first ?? change.seq, last: change.seq });
  const next = applyEarly({ ...view, page, described }, id);
  const held = next.page.nodes.find((node) => node.id === id);
  const isWhole = held?.text.length === change.length.text && held.thinking.length === change.length.thinking;
  // What is told late about a node that goes on has been overtaken by its text.
  return isWhole || (isLate && !isTerminal(state)) ? next : { ...next, isStale: true };
}

/** The nodes with one changed, or with a new one behind those of its turn that appeared before it. A turn goes on while the next one waits. */
function placeNode(view: View, change: NodeChange): readonly NodeLike[] {
  const { nodes } = view.page;
  const index = nodes.findLastIndex((node) => node.id === change.node.id);
  const held = nodes[index];
  const text = change.text ?? held?.text ?? '';
  const node: NodeLike = { ...held, ...change.node, text, thinking: held?.thinking ?? '' };
  if (held) return nodes.with(index, node);
  const isEarlier = (other: NodeLike): boolean => (view.described.get(other.id)?.first ?? 0) < change.seq;
  const inTurn = nodes.findLastIndex((other) => other.turn === node.turn && isEarlier(other));
  const before = inTurn < 0 ? nodes.findLastIndex(isEarlier) : inTurn;
  return nodes.toSpliced(before + 1, 0, node);
}

function activity(nodes: readonly NodeLike[]): Pick<PageLike, 'state' | 'active'> {
  const answers = nodes.filter((node) => node.kind !== 'user' && !isTerminal(node.state));
  const active = answers.find((node) => node.state !== 'pending') ?? answers[0];
  // A message whose reply has not been told of yet is on its way to it.
  const isRunning = active !== undefined || nodes.at(-1)?.kind === 'user';
  return { state: isRunning ? 'running' : 'idle', active: active?.id ?? null };
}
