import { nameOf, type Bots } from 'boternity';
import type { Kept, Memory } from '../memory/index.ts';
import type { Standing } from './standing.ts';

/** A memory that its file calls shared, and what becomes of it. */
export interface SharedOne extends Kept {
  readonly shared: NonNullable<Memory['shared']>;
  readonly standing: Standing;
  readonly author: Author;
}

interface Author {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

const LONGEST_NAME = 60;

/** Who wrote something, with a name that fits into a line and is nothing but a name. */
export async function authorOf(bots: Bots, id: string): Promise<Author> {
  const bot = await bots.get(id);
  const name = nameOf(bot)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .replaceAll(/[<>[\](){}"`*#|]/g, '')
    .trim()
    .slice(0, LONGEST_NAME);
  return { id: bot.id, slug: bot.slug, name: name || bot.slug };
}
