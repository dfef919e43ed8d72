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
      // Its versions share the turn: going from one to another changes what stands there, not what it stands in.
      blocks.push({ kind: 'answer', key: `answer ${node.turn}`, nodes: [node] });
    }
  }
  return blocks;
}

/** The blocks of a list of nodes that changes mostly at its end: those before what changed stay the same objects. */
export class BlockList {
  blocks: readonly TranscriptBlock[] = [];
  /** So many at the beginning are the same as before. */
  same = 0;
  #nodes: readonly NodeView[] = [];
  /** Place of the first node of each block. */
  #starts: readonly number[] = [];

  read(nodes: readonly NodeView[]): void {
    if (nodes === this.#nodes) {
      this.same = this.blocks.length;
      return;
    }
    const firstOther = nodes.findIndex((node, at) => node !== this.#nodes[at]);
    const other = firstOther < 0 ? nodes.length : firstOther;
    // The block before what changed may grow.
    const kept = Math.max(
      0,
      this.#starts.findLastIndex((start) => start < other),
    );
    const from = this.#starts[kept] ?? 0;
    const fresh = blocksOf(nodes.slice(from));
    this.same = kept;
    this.blocks = [...this.blocks.slice(0, kept), ...fresh];
    let start = from;
    const starts = fresh.map((block) => {
      const own = start;
      start += block.kind === 'answer' ? block.nodes.length : 1;
      return own;
    });
    this.#starts = [...this.#starts.slice(0, kept), ...starts];
    this.#nodes = nodes;
  }
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
