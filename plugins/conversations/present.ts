import { unknownUsage, type Usage } from 'boternity';
import { MAIN, type Graph, type GraphNode, type Lane } from './graph/graph.ts';
import { openIn, openNodes, versionsOf, walkBack } from './graph/path.ts';
import type { ConversationNews, ConversationPage, ConversationSummary, NodeView } from './views.ts';

export function viewOf(graph: Graph, node: GraphNode): NodeView {
  return { ...headOf(graph, node), text: node.text, thinking: node.thinking };
}

/** A node without the texts that are streamed. */
function headOf(graph: Graph, node: GraphNode): Omit<NodeView, 'text' | 'thinking'> {
  const { id, turn, lane, kind, state, reason, createdAt, finishedAt, call, resolution, result, approval } = node;
  const versions = versionsOf(graph, node.version.set);
  return {
    id,
    turn,
    lane,
    kind,
    state,
    version: { number: Math.max(1, versions.indexOf(node) + 1), of: Math.max(1, versions.length) },
    approval: approval ?? null,
    excluded: node.isExcluded,
    attachments: (node.attachments ?? []).map((each) => ({
      id: each.id,
      name: each.name,
      bytes: each.bytes,
      media_type: each.media,
      path: `/conversations/${graph.id}/attachments/${each.id}`,
    })),
    tool: call
      ? {
          callId: call.id,
          name: call.name,
          arguments: call.arguments,
          resolution: resolution ? { name: resolution.name, arguments: resolution.arguments } : null,
          written: resolution?.written ?? null,
          result: result?.text ?? null,
          details: result?.details ?? null,
          isError: result?.isError ?? false,
        }
      : null,
    reason,
    run: runOf(node),
    translations: node.translations.map(({ language, state, text, error, model, usage }) => ({
      language,
      state,
      text,
      error: error ?? null,
      model: model ?? null,
      usage: usageOf(usage),
    })),
    createdAt,
    finishedAt,
  };
}

function usageOf(usage: Usage = unknownUsage): NonNullable<NodeView['run']>['usage'] {
  return { ...usage, cost: usage.cost ?? null };
}

/** What an answer cost and how it ended; null for what is no answer. */
export function runOf({ run }: Pick<GraphNode, 'run'>): NodeView['run'] {
  if (!run) return null;
  return {
    state: run.state,
    attempt: run.attempt,
    model: run.model ?? null,
    provider: run.provider ?? null,
    usage: usageOf(run.usage),
    firstTokenMs: run.firstTokenMs ?? null,
    durationMs: run.durationMs ?? null,
    botVersion: run.botVersion ?? null,
    memories: run.recalled?.length ?? 0,
    notices: [...(run.notices ?? [])],
    error: run.error ?? null,
    repair: run.repair ? { ...run.repair, usage: usageOf(run.repair.usage) } : null,
  };
}

/** The event that tells of a node's birth or change of state. The text of people is given whole, a model's only by its length. */
export function nodeEvent(graph: Graph, node: GraphNode, from: GraphNode['state'] | null): ConversationNews {
  return {
    type: 'node',
    from,
    node: headOf(graph, node),
    length: { text: node.text.length, thinking: node.thinking.length },
    ...((node.kind === 'user' || node.kind === 'system' || isBornWhole(node, from)) && { text: node.text }),
  };
}

/** An answer that nobody streams: the words were there before. */
function isBornWhole({ kind, state, text }: GraphNode, from: GraphNode['state'] | null): boolean {
  return from === null && kind === 'agent' && state === 'finished' && text !== '';
}

export interface BotLook {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly emoji: string;
}

/** What the lists tell of a conversation; small enough to be kept for all of them. */
export interface Heading extends Omit<ConversationSummary, 'bot' | 'unread'> {
  /** Id and folder of the bot it belongs to. */
  readonly bot: string;
  readonly slug: string;
  /** Number of the last line of its journal that was carried out. */
  readonly seq: number;
  /** Number of the last line with something to see. */
  readonly news: number;
}

export function headingOf(graph: Graph): Heading {
  return {
    id: graph.id,
    bot: graph.bot,
    slug: graph.slug,
    origin: graph.origin,
    title: graph.title,
    state: graph.open.size > 0 ? 'running' : 'idle',
    waiting: openNodes(graph).filter(({ state }) => state === 'awaiting_approval').length,
    messages: graph.messages,
    ...previewsOf(graph),
    archived: graph.lanes.get(MAIN)?.isArchived ?? false,
    createdAt: graph.createdAt,
    updatedAt: graph.updatedAt,
    seq: graph.seq,
    news: graph.news,
  };
}

const PREVIEW_LENGTH = 80;

/** How a conversation begins and ends: what a person first said and what was said last. */
function previewsOf(graph: Graph): Pick<Heading, 'first' | 'last'> {
  const isSaid = ({ kind, text, isDeleted }: GraphNode): boolean =>
    (kind === 'user' || kind === 'agent') && text !== '' && !isDeleted;
  const first = graph.nodes.values().find((node) => node.kind === 'user' && isSaid(node));
  const last = walkBack(graph, graph.lanes.get(MAIN)?.head ?? null).find(isSaid);
  return { first: previewOf(first), last: previewOf(last) };
}

function previewOf(node: GraphNode | undefined): string {
  const line = (node?.text ?? '')
    .slice(0, PREVIEW_LENGTH * 4)
    .trim()
    .replaceAll(/\s+/g, ' ');
  return line.length > PREVIEW_LENGTH ? `${line.slice(0, PREVIEW_LENGTH - 1).trimEnd()}…` : line;
}

export function summaryOf(heading: Heading, bot: BotLook, unread = false): ConversationSummary {
  const { id, origin, title, state, waiting, messages, first, last, archived, createdAt, updatedAt } = heading;
  return { id, bot, origin, title, state, unread, waiting, messages, first, last, archived, createdAt, updatedAt };
}

export interface PageOptions {
  readonly lane: Lane;
  readonly limit: number;
  /** Only what comes before this message. */
  readonly before?: string | undefined;
  /** Only what comes after this message: the first of it. */
  readonly after?: string | undefined;
}

export function pageOf(graph: Graph, bot: BotLook, cursor: string, options: PageOptions): ConversationPage {
  const { lane } = options;
  const { nodes, hasMore } = pieceOf(graph, options);
  return {
    ...summaryOf(headingOf(graph), bot),
    persona: graph.persona,
    lane: lane.id,
    lanes: [...graph.lanes.values()].map(({ id, kind, title, parent, from, head, isArchived, mergedInto }) => ({
      id,
      kind,
      title,
      parent,
      from,
      head,
      archived: isArchived,
      mergedInto,
    })),
    nodes: nodes.map((node) => viewOf(graph, node)),
    hasMore,
    active: activeIn(graph, lane)?.id ?? null,
    cursor,
  };
}

/** The node of a lane that is carried out now, or will be next. Said by the server, never guessed from what is last. */
export function activeIn(graph: Graph, lane: Lane): GraphNode | undefined {
  const open = openIn(graph, lane);
  return open.find(({ state }) => state !== 'pending') ?? open[0];
}

/** The last nodes of a lane, or the first behind one; whole turns, oldest first. */
export function pieceOf(graph: Graph, options: PageOptions): { nodes: GraphNode[]; hasMore: boolean } {
  const { lane, limit, before, after } = options;
  if (after !== undefined) return pieceBehind(graph, lane, after, limit);
  const found: GraphNode[] = [];
  let isBehind = before !== undefined;
  for (const node of walkBack(graph, lane.head)) {
    const isCut = found.length >= limit && node.turn !== found.at(-1)?.turn;
    if (!isBehind && isCut) return { nodes: found.toReversed(), hasMore: true };
    // What asks for a greeting nobody said, and nobody needs to see.
    if (!isBehind && !node.isDeleted && !node.opens) found.push(node);
    if (node.id === before) isBehind = false;
  }
  return { nodes: found.toReversed(), hasMore: false };
}

function pieceBehind(graph: Graph, lane: Lane, after: string, limit: number): { nodes: GraphNode[]; hasMore: boolean } {
  const behind: GraphNode[] = [];
  for (const node of walkBack(graph, lane.head)) {
    if (node.id === after) break;
    if (!node.isDeleted && !node.opens) behind.push(node);
  }
  behind.reverse();
  const end = behind.findIndex((node, at) => at >= limit && node.turn !== behind[at - 1]?.turn);
  return end < 0 ? { nodes: behind, hasMore: false } : { nodes: behind.slice(0, end), hasMore: true };
}
