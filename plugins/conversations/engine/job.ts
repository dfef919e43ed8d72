import { settingsOf } from 'boternity';
import type { Actions, Bot, BotForTurn, Bots, Log, Model, ModelRequest, Part, ToolCall, ToolResult } from 'boternity';
import type { Models } from '../../models/index.ts';
import type { Tell } from '../facts.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { ToolBelt } from '../tools/belt.ts';
import type { Compacted, Compaction } from './compact.ts';
import type { Conversation } from './conversation.ts';
import type { Wishes } from './wishes.ts';

/** What the engine works with. */
export interface EngineParts {
  readonly bots: Bots;
  readonly models: Models;
  readonly actions: Actions;
  readonly log: Log;
  /** What is wanted of turns that run or wait, by turn. */
  readonly wishes: Map<string, Wishes>;
  /** How long a run may show no sign of life before it is given up, in milliseconds. */
  readonly leaseMs: number;
  /** The operations, through their layers. */
  readonly callModel: (model: Model, request: ModelRequest, signal: AbortSignal) => AsyncIterable<Part>;
  readonly callTool: (call: ToolCall, run: () => Promise<ToolResult>) => Promise<ToolResult>;
  readonly compact: Compact;
  /** Tells the rest of the house what happens. */
  readonly tell: Tell;
}

/** Sums the oldest turns up; layers go around it, to keep what would be lost. */
export type Compact = (
  conversation: Conversation,
  turn: Pick<TurnParts, 'model' | 'bot'>,
  compaction: Compaction,
  signal: AbortSignal,
) => Promise<Compacted | undefined>;

/** The model that a bot asks for; where nobody offers it, the next best and a notice that says so. Throws MODEL_MISSING. */
export function modelFor(
  bot: Pick<Bot, 'files'>,
  models: Models,
): { readonly model: Model; readonly notices: BotForTurn['notices'] } {
  const { default: standard, prefer } = settingsOf(bot).model;
  const { model, unavailable } = models.resolve({ prefer: standard === undefined ? prefer : [...prefer, standard] });
  if (unavailable.length === 0) return { model, notices: [] };
  const message = `No provider offers ${unavailable.join(' or ')}, which was asked for; ${model.id} of ${model.provider} answers instead.`;
  return { model, notices: [{ code: 'MODEL_REPLACED', message }] };
}

/** What all nodes of one turn work with: the bot as it was when the turn began. */
export interface TurnParts extends BotForTurn {
  readonly model: Model;
  readonly belt: ToolBelt;
  readonly wishes: Wishes | undefined;
}

/** A node that is being carried out. */
export interface Job {
  readonly parts: EngineParts;
  readonly conversation: Conversation;
  readonly node: GraphNode;
  readonly signal: AbortSignal;
  readonly newId: () => string;
  /** Shows a sign of life. */
  touch(): void;
}
