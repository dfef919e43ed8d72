import type { NodeView } from '../views.ts';

export interface AnswerBlock {
  readonly kind: 'answer';
  readonly key: string;
  readonly nodes: readonly NodeView[];
}

/** What stands as one in the transcript: a person's message, everything that answers it, or words of neither. */
export type TranscriptBlock =
  | { readonly kind: 'message'; readonly key: string; readonly node: NodeView }
  | { readonly kind: 'aside'; readonly key: string; readonly node: NodeView }
  | AnswerBlock;

/** Nodes in their order, with neighbours that answer the same message together. */
export function blocksOf(nodes: readonly NodeView[]): TranscriptBlock[] {
  const blocks: TranscriptBlock[] = [];
  for (const node of nodes) {
    const last = blocks.at(-1);
    if (node.kind === 'user') {
      blocks.push({ kind: 'message', key: node.id, node });
    } else if (node.kind === 'summary' || node.kind === 'system') {
      blocks.push({ kind: 'aside', key: node.id, node });
    } else if (last?.kind === 'answer' && last.nodes[0]?.turn === node.turn) {
      blocks[blocks.length - 1] = { ...last, nodes: [...last.nodes, node] };
    } else {
      blocks.push({ kind: 'answer', key: node.id, nodes: [node] });
    }
  }
  return blocks;
}

/** Where a failed or stopped answer can still be tried again: in the last block that has begun. */
export function retriableBlock(blocks: readonly TranscriptBlock[]): TranscriptBlock | undefined {
  const hasBegun = (block: TranscriptBlock): boolean =>
    block.kind === 'answer' && block.nodes.some((node) => node.state !== 'pending');
  return blocks.findLast(hasBegun);
}

/** A call without which the turn cannot go on, and which a person denied. */
export function blockingCall({ nodes }: AnswerBlock): NodeView | undefined {
  const isWaiting = nodes.some((node) => node.kind === 'agent' && node.state === 'pending');
  return nodes.find(
    (node) => isWaiting && node.state === 'rejected' && node.approval?.required && node.reason === 'approval_denied',
  );
}
