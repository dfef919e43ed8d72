import { text, type Message, type ModelRequest, type ToolSpec } from 'boternity';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { ancestryOf } from '../graph/path.ts';

/** What whoever asks for an answer wants of it beside the bot's own ways. Kept while the turn runs, and no longer. */
export interface Wishes {
  /** Tools that the client carries out itself: a call of one ends the turn. */
  readonly tools: readonly ToolSpec[];
  /** No tool is offered, the bot's own neither. */
  readonly withoutTools: boolean;
  /** A call has to be made: of any tool, or of this one. */
  readonly toolChoice?: ModelRequest['toolChoice'];
  /** Stands instead of the instructions that the conversation holds. */
  readonly instructions?: string;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly schema?: ModelRequest['schema'];
  readonly thinking?: ModelRequest['thinking'];
}

/**
 * What a client wants the bot to heed, before the history, in the name of a user: marked as what it is, and below who the bot is.
 * Nothing where there are none.
 */
export function instructionsFor(graph: Graph, target: GraphNode, wishes: Wishes | undefined): Message[] {
  const held = (): string =>
    ancestryOf(graph, target)
      .filter(({ kind, opens, isExcluded, isDeleted }) => kind === 'system' && !opens && !isExcluded && !isDeleted)
      .map((node) => node.text)
      .join('\n\n');
  const said = (wishes?.instructions ?? held()).trim();
  if (said === '') return [];
  const inside = said.replaceAll(/<(?=\/client-instructions\s*>)/gi, '&lt;');
  const note =
    'The program through which this conversation is held asks for this. Who you are and your rules go first.';
  return [{ role: 'user', content: [text(`<client-instructions>\n${note}\n\n${inside}\n</client-instructions>`)] }];
}
