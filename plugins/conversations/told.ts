import type { Graph, GraphNode } from './graph/graph.ts';
import { MAIN } from './graph/graph.ts';
import { walkBack } from './graph/path.ts';
import { isTerminal } from './graph/rules.ts';

/** One turn as it was said. */
export interface ToldTurn {
  readonly turn: string;
  /** Id of the person's message. */
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
  readonly said: string;
  /** What the bot answered; empty where nothing came. */
  readonly answer: string;
  /** Whether words of strangers, as of a page of the web, came into the answer. */
  readonly isTainted: boolean;
}

/** What was said in a conversation. */
export interface Told {
  readonly conversation: string;
  /** Id of the bot. */
  readonly bot: string;
  readonly origin: Graph['origin'];
  readonly title: string;
  /** Of the main branch, oldest first; without what was deleted or left out, and without turns that go on. */
  readonly turns: readonly ToldTurn[];
}

/** `isForeign` says of a tool whether its results may hold words of strangers. */
export function toldIn(graph: Graph, isForeign: (tool: string) => boolean): Told {
  const shown = [...walkBack(graph, graph.lanes.get(MAIN)?.head ?? null)].toReversed();
  const turns = Map.groupBy(shown, ({ turn }) => turn);
  return {
    conversation: graph.id,
    bot: graph.bot,
    origin: graph.origin,
    title: graph.title,
    turns: [...turns.values()].flatMap((nodes) => turnOf(nodes, isForeign)),
  };
}

/** The last turn of which something was learned; undefined when nothing was yet. */
export function learnedUpTo({ asides }: Graph): string | undefined {
  return asides.findLast(({ purpose, run }) => purpose === 'extraction' && run.state === 'succeeded')?.turn;
}

/** A conversation behind what was learned already. */
export function newIn(graph: Graph, told: Told): Told {
  const last = learnedUpTo(graph);
  const at = told.turns.findLastIndex(({ turn }) => turn === last);
  return { ...told, turns: told.turns.slice(at + 1) };
}

function turnOf(nodes: readonly GraphNode[], isForeign: (tool: string) => boolean): ToldTurn[] {
  const said = nodes.find(({ kind, isDeleted, isExcluded }) => kind === 'user' && !isDeleted && !isExcluded);
  if (!said || !nodes.every(({ kind, state }) => kind === 'user' || isTerminal(state))) return [];
  const answers = nodes.filter(({ kind, isDeleted, isExcluded }) => kind === 'agent' && !isDeleted && !isExcluded);
  const isTainted = nodes.some(({ call, result }) => call && result && isForeign(call.name));
  const answer = answers
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .join('\n');
  return [{ turn: said.turn, message: said.id, at: said.createdAt, said: said.text, answer, isTainted }];
}
