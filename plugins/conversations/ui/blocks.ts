import type { NodeView } from '../views.ts';

export interface AnswerBlock {
  readonly kind: 'answer';
  readonly key: string;
  readonly nodes: readonly NodeView[];
  /** What is answered. */
  readonly question: string;
}

/** What stands as one in the transcript: a person's message, or everything that answers it. */
export type TranscriptBlock = { readonly kind: 'message'; readonly key: string; readonly node: NodeView } | AnswerBlock;

/** Nodes in their order, with neighbours that answer the same message together. */
export function blocksOf(nodes: readonly NodeView[]): TranscriptBlock[] {
  const blocks: TranscriptBlock[] = [];
  const questions = new Map<string, string>();
  for (const node of nodes) {
    const last = blocks.at(-1);
    // What a program instructed is no message, and nothing that the bot said.
    if (node.kind === 'system') continue;
    if (node.kind === 'user') {
      questions.set(node.turn, node.text);
      blocks.push({ kind: 'message', key: node.id, node });
    } else if (last?.kind === 'answer' && last.nodes[0]?.turn === node.turn) {
      blocks[blocks.length - 1] = { ...last, nodes: [...last.nodes, node] };
    } else {
      blocks.push({ kind: 'answer', key: node.id, nodes: [node], question: questions.get(node.turn) ?? '' });
    }
  }
  return blocks;
}
