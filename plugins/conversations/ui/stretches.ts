import type { TranscriptBlock } from './blocks.ts';

/** Some blocks that are on the page together or not at all. */
export interface Stretch {
  readonly key: string;
  readonly blocks: readonly TranscriptBlock[];
}

/** So many blocks make a stretch. */
const LENGTH = 6;
/** How high a block is that nobody has seen, in CSS pixels. */
const UNSEEN_PX = 140;

/**
 * A long transcript in stretches, and how high each is: as it was measured, or else about as the others are. What is added in front or
 * behind leaves those between as they are.
 */
export class Stretches {
  list: readonly Stretch[] = [];
  #heights = new Map<string, number>();
  #seenHeight = 0;
  #seenBlocks = 0;

  /** `same`: so many blocks at the beginning are what they were. */
  read(blocks: readonly TranscriptBlock[], same: number): void {
    const kept: Stretch[] = [];
    let at = 0;
    for (const stretch of this.list) {
      if (at + stretch.blocks.length > same) break;
      kept.push(stretch);
      at += stretch.blocks.length;
    }
    // The last one may still be filled up.
    const last = kept.at(-1);
    if (last && last.blocks.length < LENGTH && at < blocks.length) at -= kept.pop()?.blocks.length ?? 0;
    const beginnings = new Set(this.list.map(({ key }) => key));
    this.list = [...kept, ...cut(blocks.slice(at), beginnings)];
  }

  measured(key: string, height: number): boolean {
    const before = this.#heights.get(key);
    if (before === height) return false;
    const blocks = this.list.find((stretch) => stretch.key === key)?.blocks.length ?? 0;
    this.#heights.set(key, height);
    this.#seenHeight += height - (before ?? 0);
    if (before === undefined) this.#seenBlocks += blocks;
    return true;
  }

  heightOf({ key, blocks }: Stretch): number {
    const each = this.#seenBlocks > 0 ? this.#seenHeight / this.#seenBlocks : UNSEEN_PX;
    return this.#heights.get(key) ?? blocks.length * each;
  }

  /** From the top of the first to the top of this one. */
  topOf(index: number): number {
    return this.#sum(this.list.slice(0, index));
  }

  get height(): number {
    return this.#sum(this.list);
  }

  /** Which stand between two places, as first and behind the last. */
  between(top: number, bottom: number): readonly [from: number, to: number] {
    let from = 0;
    let place = 0;
    for (const [at, stretch] of this.list.entries()) {
      if (place > bottom) return [from, at];
      place += this.heightOf(stretch);
      if (place < top) from = Math.min(at + 1, this.list.length - 1);
    }
    return [from, this.list.length];
  }

  #sum(list: readonly Stretch[]): number {
    return list.reduce((sum, stretch) => sum + this.heightOf(stretch), 0);
  }
}

/** Where a stretch began before, one begins again. */
function cut(blocks: readonly TranscriptBlock[], beginnings: ReadonlySet<string>): Stretch[] {
  const stretches: Stretch[] = [];
  let open: TranscriptBlock[] = [];
  for (const block of blocks) {
    if (open.length === 0 || open.length >= LENGTH || beginnings.has(block.key)) {
      open = [];
      stretches.push({ key: block.key, blocks: open });
    }
    open.push(block);
  }
  return stretches;
}
