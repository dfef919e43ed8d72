import { unknownUsage } from 'boternity';
import { MAIN, type Graph, type GraphNode, type Lane } from './graph/graph.ts';
import { openIn, versionsOf, walkBack } from './graph/path.ts';
import type { ConversationEvent, ConversationPage, ConversationSummary, NodeView } from './views.ts';

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
      usage: usage ?? unknownUsage,
    })),
    createdAt,
    finishedAt,
  };
}

/** What an answer cost and how it ended; null for what is no answer. */
export function runOf({ run }: GraphNode): NodeView['run'] {
  if (!run) return null;
  return {
    state: run.state,
    attempt: run.attempt,
    model: run.model ?? null,
    provider: run.provider ?? null,
    usage: run.usage ?? unknownUsage,
    firstTokenMs: run.firstTokenMs ?? null,
    durationMs: run.durationMs ?? null,
    botVersion: run.botVersion ?? null,
    notices: [...(run.notices ?? [])],
    error: run.error ?? null,
    repair: run.repair ?? null,
  };
}

/** The event that tells of a node's birth or change of state. The text of people is given whole, a model's only by its length. */
export function nodeEvent(
  graph: Graph,
  node: GraphNode,
  from: GraphNode['state'] | null,
): Omit<Extract<ConversationEvent, { type: 'node' }>, 'v' | 'seq' | 'at' | 'conversation'> {
  return {
    type: 'node',
    from,
    node: headOf(graph, node),
    length: { text: node.text.length, thinking: node.thinking.length },
    ...((node.kind === 'user' || node.kind === 'system') && { text: node.text }),
  };
}

export interface BotLook {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly emoji: string;
}

/** What the lists tell of a conversation; small enough to be kept for all of them. */
export interface Heading extends Omit<ConversationSummary, 'bot'> {
  /** Id and folder of the bot it belongs to. */
  readonly bot: string;
  readonly slug: string;
}

export function headingOf(graph: Graph): Heading {
  return {
    id: graph.id,
    bot: graph.bot,
    slug: graph.slug,
    origin: graph.origin,
    title: graph.title,
    state: graph.open.size > 0 ? 'running' : 'idle',
    messages: graph.messages,
    archived: graph.lanes.get(MAIN)?.isArchived ?? false,
    createdAt: graph.createdAt,
    updatedAt: graph.updatedAt,
  };
}

export function summaryOf(heading: Heading, bot: BotLook): ConversationSummary {
  const { id, origin, title, state, messages, archived, createdAt, updatedAt } = heading;
  return { id, bot, origin, title, state, messages, archived, createdAt, updatedAt };
}

export interface PageOptions {
  readonly lane: Lane;
  readonly limit: number;
  /** Only what comes before this message. */
  readonly before?: string | undefined;
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

/** The last nodes of a lane, whole turns, oldest first. */
export function pieceOf(graph: Graph, { lane, limit, before }: PageOptions): { nodes: GraphNode[]; hasMore: boolean } {
  const found: GraphNode[] = [];
  let isBehind = before !== undefined;
  for (const node of walkBack(graph, lane.head)) {
    const isCut = found.length >= limit && node.turn !== found.at(-1)?.turn;
    if (!isBehind && isCut) return { nodes: found.toReversed(), hasMore: true };
    if (!isBehind && !node.isDeleted) found.push(node);
    if (node.id === before) isBehind = false;
  }
  return { nodes: found.toReversed(), hasMore: false };
}
