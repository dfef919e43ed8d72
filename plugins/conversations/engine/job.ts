import {
  Fault,
  type Actions,
  type BotForTurn,
  type Bots,
  type Log,
  type Model,
  type ToolCall,
  type ToolResult,
} from 'boternity';
import type { Models } from '../../models/index.ts';
import type { Tell } from '../facts.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { ToolBelt } from '../tools/belt.ts';
import type { AttachmentSlot } from './attached.ts';
import type { Compacted, Compaction } from './compact.ts';
import type { Conversation } from './conversation.ts';
import type { Wishes } from './wishes.ts';

/** What the engine works with. */
export interface EngineParts {
  readonly bots: Bots;
  readonly models: Models;
  readonly actions: Actions;
  readonly log: Log;
  readonly attached: AttachmentSlot;
  /** What is wanted of turns that run or wait, by turn. */
  readonly wishes: Map<string, Wishes>;
  /** How long a run may show no sign of life before it is given up, in milliseconds. */
  readonly leaseMs: number;
  /** Operations, through their layers. */
  readonly callTool: (at: ToolPlace, run: () => Promise<ToolResult>) => Promise<ToolResult>;
  readonly compact: Compact;
  /** Tells the rest of the house what happens. */
  readonly tell: Tell;
}

/** A call of a tool, and where it belongs. */
export interface ToolPlace {
  readonly call: ToolCall;
  /** Id of the bot. */
  readonly bot: string;
  readonly conversation: string;
  readonly turn: string;
}

/** Sums the oldest turns up; layers go around it, to keep what would be lost. */
export type Compact = (
  conversation: Conversation,
  turn: Pick<TurnParts, 'model' | 'bot'>,
  compaction: Compaction,
  signal: AbortSignal,
) => Promise<Compacted | undefined>;

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

/** Why something was ended that nobody wanted to stop; undefined when a person did, or nobody. */
export function cutOff({ reason }: AbortSignal): Fault | undefined {
  return Fault.is(reason) ? reason : undefined;
}
