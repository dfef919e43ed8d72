import type { VectorHit } from 'boternity';
import { unit } from '../kept/vectors.ts';
import type { WordedIndex } from '../worded.ts';
import type { LanceVectors } from './lance-vectors.ts';

/** Stands in our own index for a vector that lies in LanceDB. */
const MARK = Float32Array.of(1);

/**
 * An index whose vectors lie in LanceDB, on disk, and all else in our own. That one knows who has a vector: a mark is set when LanceDB has
 * written it. What LanceDB has of entries without a mark is not looked at.
 */
export function withLance(index: WordedIndex, vectors: LanceVectors): WordedIndex {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  return {
    ...index,
    remove: (ids) =>
      inTurn(async () => {
        await index.remove(ids);
        await vectors.remove(ids);
      }),
    embed: (model, given) =>
      inTurn(async () => {
        const there = await index.get([...given.keys()]);
        const known = [...given].filter(
          ([, vector], at) => there[at] && vector.length > 0 && vector.every(Number.isFinite),
        );
        const length = known[0]?.[1].length;
        const units = new Map(
          known.flatMap(([id, vector]) => (vector.length === length ? [[id, unit(vector)] as const] : [])),
        );
        if (units.size > 0) await vectors.set(model, units);
        await index.embed(model, new Map(Array.from(units.keys(), (id) => [id, MARK])));
      }),
    nearest: (vector, { limit }) => nearest(index, vectors, vector, limit),
    clear: () =>
      inTurn(async () => {
        await index.clear();
        await vectors.clear();
      }),
    freeze: async () => {
      await last;
      await index.freeze();
    },
    async [Symbol.asyncDispose]() {
      await last;
      await index[Symbol.asyncDispose]();
      vectors.close();
    },
  };
}

/** Asks for more until enough of those that come count. */
async function nearest(
  index: WordedIndex,
  vectors: LanceVectors,
  vector: Float32Array,
  limit: number,
): Promise<VectorHit[]> {
  const { model } = await index.info();
  if (model === undefined || limit <= 0) return [];
  const query = unit(vector);
  for (let count = limit + 10; ; count *= 4) {
    const found = await vectors.nearest(model, query, count);
    const entries = await index.embedded(found.map(({ id }) => id));
    const hits = found.flatMap(({ similarity }, at) => {
      const entry = entries[at];
      return entry ? [{ entry, similarity }] : [];
    });
    if (hits.length >= limit || found.length < count) return hits.toSorted(compareHits).slice(0, limit);
  }
}

function compareHits(a: VectorHit, b: VectorHit): number {
  return b.similarity - a.similarity || b.entry.at - a.entry.at || (a.entry.id < b.entry.id ? -1 : 1);
}
