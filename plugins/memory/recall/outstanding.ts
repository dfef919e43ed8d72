import type { VectorHit } from 'boternity';

/** How many may say the same, and how many have to be looked at before something can stand out of them. */
const MOST = 3;
const MANY = 45;
/**
 * What stands out is at least so near to the question (cosine), by so much nearer than the next, and by as much as lies between the next
 * and the last. Measured with the tuning half of bench/retrieval and pairs of sentences among 10,000.
 */
const LEAST = 0.35;
const GAP = 0.07;

/**
 * Ids of those few, of many, that are so much nearer to a question than all others that they are likely meant, in whatever words. How near
 * that is differs from one embedder to the next; that something stands out does not.
 */
export function outstanding(hits: readonly VectorHit[]): Set<string> {
  const last = hits.at(-1);
  if (!last || hits.length < MANY) return new Set();
  for (let count = 1; count <= MOST; count += 1) {
    const inner = hits[count - 1]?.similarity ?? 0;
    const outer = hits[count]?.similarity ?? 0;
    if (inner >= LEAST && inner - outer >= Math.max(GAP, outer - last.similarity))
      return new Set(hits.slice(0, count).map(({ entry }) => entry.id));
  }
  return new Set();
}
