/**
 * How live events become a conversation's page: a pure function over plain data. Events are applied in the order of their
 * numbers, so that the page is always one that the server had, however they come: twice, late, in another order. One that does
 * not come at all leaves a gap; the page then stays as it was.
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
  /** Number of the last event that the page contains. */
  readonly applied: number;
  /** Events that came before one in front of them; in the order of their numbers. */
  readonly early: readonly LiveEvent[];
  /** True when no event can carry the page on: it has to be read again. */
  readonly isStale: boolean;
}

/** So many events may wait for one before the page is simply read again. */
const MOST_EARLY = 1_000;
const terminal = new Set(['finished', 'errored', 'rejected', 'skipped', 'stopped']);

/** Whether a node in this state has said its last word. */
export function isTerminal(state: string): boolean {
  return terminal.has(state);
}

export function openView<Page extends PageLike>(page: Page): View<Page> {
  const applied = Number(page.cursor.slice(page.cursor.lastIndexOf(':') + 1)) || 0;
  return { page, applied, early: [], isStale: false };
}

/** Whether something is missing that may still arrive. A gap that stays is a reason to read the page again. */
export function hasGap(view: View): boolean {
  return view.early.length > 0;
}

/** The cursor from which a reader of this view goes on. */
export function resumeAt({ page, applied }: View): string {
  return `${page.cursor.slice(0, page.cursor.lastIndexOf(':') + 1)}${applied}`;
}

/** The view after one more event. Parts that did not change keep their identity; an event that changes nothing gives the same view. */
export function reconcile<Page extends PageLike>(view: View<Page>, event: LiveEvent): View<Page> {
  if (event.type === 'reset') return { ...view, isStale: true };
  if (view.isStale || event.seq <= view.applied) return view;
  if (event.seq > view.applied + 1) return holdBack(view, event);
  let next = apply(view, event);
  while (!next.isStale && next.early[0]?.seq === next.applied + 1) {
    const [first, ...early] = next.early as [LiveEvent, ...LiveEvent[]];
    next = apply({ ...next, early }, first);
  }
  return next;
}

function holdBack<Page extends PageLike>(view: View<Page>, event: LiveEvent): View<Page> {
  const { early } = view;
  if (early.some(({ seq }) => seq === event.seq)) return view;
  if (early.length >= MOST_EARLY) return { ...view, isStale: true };
  const before = early.findLastIndex(({ seq }) => seq < event.seq);
  return { ...view, early: early.toSpliced(before + 1, 0, event) };
}

function apply<Page extends PageLike>(view: View<Page>, event: LiveEvent): View<Page> {
  const page = pageAfter(view.page, event);
  return page ? { ...view, page, applied: event.seq } : { ...view, isStale: true };
}

/** The page after an event; undefined when the event cannot tell what it looks like. */
function pageAfter<Page extends PageLike>(page: Page, event: LiveEvent): Page | undefined {
  if (event.type === 'page') return undefined;
  if (event.type === 'title') return { ...page, title: event.title };
  if (event.type === 'delta') return withDelta(page, event);
  // A newer server may tell of things this reader does not know.
  return event.type === 'node' ? withNode(page, event) : page;
}

function withDelta<Page extends PageLike>(page: Page, { node: id, channel, offset, text }: Delta): Page | undefined {
  const index = page.nodes.findLastIndex((node) => node.id === id);
  const node = page.nodes[index];
  if (!node) return page;
  if (offset !== node[channel].length) return undefined;
  return { ...page, nodes: page.nodes.with(index, { ...node, [channel]: node[channel] + text }) };
}

function withNode<Page extends PageLike>(page: Page, change: NodeChange): Page | undefined {
  const { id, lane, turn } = change.node;
  const index = page.nodes.findLastIndex((node) => node.id === id);
  const held = page.nodes[index];
  // What is new in another branch is no part of this one.
  if (!held && lane !== page.lane) return page;
  const node: NodeLike = {
    ...held,
    ...change.node,
    text: change.text ?? held?.text ?? '',
    thinking: held?.thinking ?? '',
  };
  if (node.text.length !== change.length.text || node.thinking.length !== change.length.thinking) return undefined;
  // A turn goes on while the next one waits already.
  const last = page.nodes.findLastIndex((other) => other.turn === turn);
  const place = last < 0 ? page.nodes.length : last + 1;
  const nodes = held ? page.nodes.with(index, node) : page.nodes.toSpliced(place, 0, node);
  return { ...page, nodes, ...activity(nodes) };
}

function activity(nodes: readonly NodeLike[]): Pick<PageLike, 'state' | 'active'> {
  const answers = nodes.filter((node) => node.kind !== 'user' && !isTerminal(node.state));
  const active = answers.find((node) => node.state !== 'pending') ?? answers[0];
  // A message whose reply has not been told of yet is on its way to it.
  const isRunning = active !== undefined || nodes.at(-1)?.kind === 'user';
  return { state: isRunning ? 'running' : 'idle', active: active?.id ?? null };
}
