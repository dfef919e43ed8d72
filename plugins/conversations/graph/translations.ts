import { Fault } from 'boternity';
import type { Change, Graph, GraphNode, Translation } from './graph.ts';
import { behaviours, isTerminal, nodeOf } from './rules.ts';

/** Languages into which one message is translated. */
const MOST_LANGUAGES = 20;

/** The message, if it can be translated into a language. Throws NODE_MISSING, NODE_BUSY and TRANSLATION_REFUSED. */
export function translatable(graph: Graph, id: string, language: string): GraphNode {
  const node = nodeOf(graph, id);
  const refuse = (why: string): Fault => new Fault('TRANSLATION_REFUSED', `It cannot be translated: ${why}.`);
  if (!behaviours[node.kind].isShown) throw refuse('it is no message and no answer');
  if (node.isDeleted) throw refuse('it is deleted');
  if (!isTerminal(node.state)) throw new Fault('NODE_BUSY', 'The answer has not ended.');
  if (node.text.trim() === '') throw refuse('it has no text');
  const others = node.translations.filter((each) => each.language !== language);
  if (others.length >= MOST_LANGUAGES) throw refuse(`it is there in ${MOST_LANGUAGES} languages already`);
  if (isPending(node, language)) throw new Fault('NODE_BUSY', `It is being translated into ${language}.`);
  return node;
}

/** What came of a translation; nothing where nobody waits for it any more. */
export function translated(node: GraphNode, translation: Translation): Change[] {
  return isPending(node, translation.language) ? [{ type: 'translation', node: node.id, translation }] : [];
}

/** Takes the translations of a message away, or the one into a language. */
export function untranslated(graph: Graph, id: string, language?: string): Change[] {
  const { translations } = nodeOf(graph, id);
  if (!translations.some((each) => language === undefined || each.language === language)) return [];
  return [{ type: 'untranslated', node: id, ...(language !== undefined && { language }) }];
}

/** Ends what was being translated when the server stopped. */
export function interrupted(graph: Graph): Change[] {
  return [...graph.nodes.values()].flatMap((node) =>
    node.translations
      .filter(({ state }) => state === 'pending')
      .flatMap(({ language }) =>
        translated(node, { language, state: 'failed', text: '', error: 'The server stopped before it was finished.' }),
      ),
  );
}

function isPending({ translations }: GraphNode, language: string): boolean {
  return translations.some((each) => each.language === language && each.state === 'pending');
}
