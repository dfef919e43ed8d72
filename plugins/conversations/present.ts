import { unknownUsage } from 'boternity';
import { isTerminal, type Graph, type GraphNode } from './graph.ts';
import type { ConversationEvent, ConversationPage, ConversationSummary, NodeView } from './views.ts';

export function viewOf(node: GraphNode): NodeView {
  return { ...headOf(node), text: node.text, thinking: node.thinking };
}

/** A node without the texts that are streamed. */
function headOf(node: GraphNode): Omit<NodeView, 'text' | 'thinking'> {
  const { id, turn, kind, state, reason, createdAt, finishedAt, call, result, run } = node;
  return {
    id,
    turn,
    kind,
    state,
    tool: call
      ? {
          callId: call.id,
          name: call.name,
          arguments: call.arguments,
          result: result?.text ?? null,
          details: result?.details ?? null,
          isError: result?.isError ?? false,
        }
      : null,
    reason,
    run: run
      ? {
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
        }
      : null,
    createdAt,
    finishedAt,
  };
}

/** The event that tells of a node's birth or change of state. The text of people is given whole, a model's only by its length. */
export function nodeEvent(
  node: GraphNode,
  from: GraphNode['state'] | null,
): Omit<Extract<ConversationEvent, { type: 'node' }>, 'v' | 'seq' | 'at' | 'conversation'> {
  return {
    type: 'node',
    from,
    node: headOf(node),
    length: { text: node.text.length, thinking: node.thinking.length },
    ...(node.kind === 'user' && { text: node.text }),
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
  const nodes = [...graph.nodes.values()];
  return {
    id: graph.id,
    bot: graph.bot,
    slug: graph.slug,
    title: graph.title,
    state: nodes.some((node) => !isTerminal(node.state)) ? 'running' : 'idle',
    messages: nodes.filter((node) => node.kind === 'user').length,
    createdAt: graph.createdAt,
    updatedAt: graph.updatedAt,
  };
}

export function summaryOf(heading: Heading, bot: BotLook): ConversationSummary {
  const { id, title, state, messages, createdAt, updatedAt } = heading;
  return { id, bot, title, state, messages, createdAt, updatedAt };
}

export function pageOf(graph: Graph, bot: BotLook, active: string | null, cursor: string): ConversationPage {
  const turns = Map.groupBy(graph.nodes.values(), (node) => node.turn);
  const nodes = [...turns.values()].flat().filter((node) => node.isActive);
  return { ...summaryOf(headingOf(graph), bot), nodes: nodes.map(viewOf), active, cursor };
}
