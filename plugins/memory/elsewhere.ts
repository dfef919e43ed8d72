import type { Asked } from './service.ts';
import type { Memory } from './memory-file.ts';

/** A memory of another bot, as one that may see it is given it. */
export interface FoundElsewhere {
  /** Without where it was learned: that is its author's own. */
  readonly memory: Memory;
  /** The file, from the bot folder of the author. */
  readonly path: string;
  readonly author: { readonly id: string; readonly slug: string; readonly name: string };
  /** How much of what is asked for it has, 0 to 1, less where nobody vouches for it. */
  readonly relevance: number;
  readonly score: number;
  readonly words: readonly string[];
}

/** A place outside a bot's own memory that it may look into. `reader` is the id of the bot. */
export interface Elsewhere {
  search(reader: string, asked: Asked, signal?: AbortSignal): Promise<FoundElsewhere[]>;
  get(reader: string, id: string): Promise<FoundElsewhere | undefined>;
}
