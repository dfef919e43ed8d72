import { answerBehind, firstVersion, type NewId } from './append.ts';
import { MAIN, type Change, type Graph } from './graph.ts';
import { openLane } from './rules.ts';

/** What a model is asked for when it begins. Kept in the journal, so that what it read is what the journal tells. */
export const OPENING =
  'Greet me: I have just opened this conversation. Say one or two short sentences as yourself, use no tools, and do not mention this request.';

/**
 * The first words of a bot: those that are given, or an answer that is waited for. What asks for them is a node that nobody wrote,
 * because models answer and do not begin. Undefined where something was said already.
 */
export function greet(
  graph: Graph,
  words: string | undefined,
  newId: NewId,
): { readonly changes: Change[]; readonly turn: string; readonly message: string } | undefined {
  if (openLane(graph, MAIN).head !== null) return undefined;
  const opening = newId();
  const message = newId();
  const turn = newId();
  const place = { turn, lane: MAIN };
  // A turn of its own: another greeting is another answer to it.
  const asking = { ...firstVersion(opening, { ...place, turn: newId() }), kind: 'system', opens: true } as const;
  const said: Change[] = [
    {
      type: 'node',
      node: {
        ...firstVersion(message, place),
        kind: 'agent',
        state: 'finished',
        ...(words !== undefined && { text: words }),
      },
    },
    { type: 'edge', from: opening, to: message, kind: 'sequence' },
    { type: 'run', node: message, run: { state: 'succeeded', attempt: 1 } },
  ];
  return {
    turn,
    message,
    changes: [
      { type: 'node', node: { ...asking, state: 'finished', text: OPENING } },
      ...(words === undefined ? answerBehind([opening], place, message).changes : said),
      { type: 'head', lane: MAIN, node: message },
    ],
  };
}
