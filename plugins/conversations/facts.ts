import type { Context } from 'boternity';
import type { ConversationNews } from './views.ts';
import { headingOf } from './present.ts';
import type { Graph } from './graph/graph.ts';
import { openNodes } from './graph/path.ts';
import { isTerminal } from './graph/rules.ts';

interface BotNames {
  readonly id: string;
  readonly slug: string;
}

/** A conversation is new, or lists tell something else of it. */
export interface ConversationChanged {
  readonly id: string;
  readonly bot: BotNames;
  readonly title: string;
  readonly state: 'idle' | 'running';
  readonly messages: number;
  readonly archived: boolean;
  readonly updatedAt: string;
}

/** A run is in another state than before. */
export interface RunChanged {
  readonly bot: BotNames;
  readonly conversation: string;
  readonly node: string;
  readonly run: {
    readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';
    readonly attempt: number;
    readonly model: string | null;
    readonly provider: string | null;
    readonly inputTokens: number | null;
    readonly outputTokens: number | null;
    readonly durationMs: number | null;
    readonly error: string | null;
  };
}

/** A call of a tool waits for a person. */
export interface ApprovalAsked {
  readonly bot: BotNames;
  readonly conversation: string;
  readonly node: string;
  readonly tool: string;
}

export interface ConversationSeen {
  readonly bot: BotNames;
  readonly conversation: string;
  readonly person: string;
}

/** Nothing of a turn is open any more. */
export interface TurnEnded {
  readonly bot: BotNames;
  readonly conversation: string;
  readonly turn: string;
  /** Ids of its answers, in order. */
  readonly runs: readonly string[];
  readonly startedAt: string;
  /** Of its last answer. */
  readonly state: RunChanged['run']['state'];
}

declare module 'boternity' {
  interface Events {
    'turn.ended': TurnEnded;
    'conversation.changed': ConversationChanged;
    'conversation.removed': { readonly id: string; readonly bot: BotNames };
    'run.changed': RunChanged;
    'approval.asked': ApprovalAsked;
    /** A person has seen what was new in a conversation. */
    'conversation.seen': ConversationSeen;
  }
}

/** How the engine tells the house of facts. */
export interface Tell {
  changed(fact: ConversationChanged): void;
  removed(fact: { readonly id: string; readonly bot: BotNames }): void;
  run(fact: RunChanged): void;
  ended(fact: TurnEnded): void;
  asked(fact: ApprovalAsked): void;
  seen(fact: ConversationSeen): void;
}

export function tellThrough(house: Pick<Context, 'emit'>): Tell {
  return {
    changed: (fact) => house.emit('conversation.changed', fact),
    removed: (fact) => house.emit('conversation.removed', fact),
    run: (fact) => house.emit('run.changed', fact),
    ended: (fact) => house.emit('turn.ended', fact),
    asked: (fact) => house.emit('approval.asked', fact),
    seen: (fact) => house.emit('conversation.seen', fact),
  };
}

/** Makes facts for the house of what one conversation tells its readers; each once. */
export function factsOf(tell: Tell): (graph: Graph, news: readonly ConversationNews[]) => void {
  let heading = '';
  return (graph, news) => {
    const { id, bot, slug, title, state, messages, archived, updatedAt, news: newsAt } = headingOf(graph);
    const about = { bot: { id: bot, slug }, conversation: id };
    for (const each of news) {
      if (each.type !== 'node') continue;
      const { run, tool } = each.node;
      if (each.node.state === 'awaiting_approval' && each.from !== 'awaiting_approval')
        tell.asked({ ...about, node: each.node.id, tool: tool?.name ?? '' });
      // A change of something else, a version or a translation, is no news of its run.
      if (!run || each.from === each.node.state) continue;
      const { usage, error, attempt, model, provider, durationMs } = run;
      const costs = { inputTokens: usage.input, outputTokens: usage.output, durationMs };
      tell.run({
        ...about,
        node: each.node.id,
        run: { state: run.state, attempt, model, provider, ...costs, error: error?.code ?? null },
      });
    }
    for (const turn of endedIn(graph, news)) tell.ended({ ...about, ...turn });
    const now = JSON.stringify([slug, title, state, messages, archived, newsAt]);
    if (now === heading) return;
    heading = now;
    tell.changed({ id, bot: about.bot, title, state, messages, archived, updatedAt });
  };
}

/** Turns of which an answer has just ended, and nothing is left to do. */
function endedIn(
  graph: Graph,
  news: readonly ConversationNews[],
): Pick<TurnEnded, 'turn' | 'runs' | 'startedAt' | 'state'>[] {
  const answers = news.flatMap((each) =>
    each.type === 'node' && each.node.run && each.from !== each.node.state ? [each.node] : [],
  );
  const turns = new Set(answers.filter(({ state }) => isTerminal(state)).map(({ turn }) => turn));
  const open = new Set(turns.size === 0 ? [] : openNodes(graph).map(({ turn }) => turn));
  return [...turns].flatMap((turn) => {
    const nodes = open.has(turn) ? [] : [...graph.nodes.values()].filter((node) => node.turn === turn);
    const runs = nodes.filter((node) => node.run);
    const state = runs.at(-1)?.run?.state;
    if (state === undefined) return [];
    return [{ turn, runs: runs.map(({ id }) => id), startedAt: nodes[0]?.createdAt ?? '', state }];
  });
}
