import { open, rename, rm } from 'node:fs/promises';
import { Breath } from './breath.ts';
import type { About, Change } from './changes.ts';
import { encodeFrame } from './frames.ts';
import { encodeLists } from './rows-frame.ts';
import type { State } from './state.ts';

/** Entries, words, vectors in one frame. */
const AT_ONCE = 1_000;

type Piece = readonly [Change, Uint8Array?];

/**
 * What an index holds now, as the changes that make it anew, without gaps. It may go on changing while they are read: only its vectors are
 * looked at later, and what changes in those is in the journal that follows.
 */
export function capture(state: State): Generator<Piece> {
  const { rows, vocabulary, vectors } = state;
  const live = [...rows.live()];
  const digests = live.map(([slot]) => rows.digest(slot));
  const embedded = live.flatMap(([slot], row) => (vectors.has(slot) ? [{ slot, row }] : []));
  const lists = state.lists.snapshot();
  const { words, renumbered } = vocabulary.snapshot();
  return (function* (): Generator<Piece> {
    for (const some of pieces(words)) yield [{ kind: 'vocabulary', words: some }];
    let first = 0;
    for (const some of pieces(live)) {
      const own = some.map(([slot]) => {
        const { words: numbers, ...list } = lists.get(slot);
        return { ...list, words: numbers.map((number) => renumbered[number] ?? 0) };
      });
      const entries = some.map(([, entry]) => entry);
      yield [{ kind: 'rows', entries, digests: digests.slice(first, first + some.length) }, encodeLists(own)];
      first += some.length;
    }
    yield [{ kind: 'model', model: vectors.model }];
    for (const some of pieces(embedded)) yield embedding(some, vectors);
  })();
}

/** Writes a snapshot; it has its name when it is whole and on disk. */
export async function writeSnapshot(
  file: string,
  format: string,
  about: About,
  content: Iterable<Piece>,
): Promise<number> {
  const unfinished = `${file}.bnity-tmp`;
  const handle = await open(unfinished, 'w');
  const breath = new Breath();
  let size = 0;
  const write = async (change: Change, bytes?: Uint8Array): Promise<void> => {
    const frame = encodeFrame(change, bytes);
    await handle.appendFile(frame);
    size += frame.length;
    if (breath.isShort) await breath.rest();
  };
  try {
    await write({ kind: 'begin', format, about });
    for (const [change, bytes] of content) await write(change, bytes);
    await write({ kind: 'end' });
    await handle.sync();
    await handle.close();
    await rename(unfinished, file);
    return size;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

function* pieces<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += AT_ONCE) yield all.slice(at, at + AT_ONCE);
}

function embedding(some: readonly { slot: number; row: number }[], vectors: State['vectors']): Piece {
  const known = some.flatMap(({ slot, row }) => {
    const vector = vectors.get(slot);
    return vector ? [{ row, vector, coarse: vectors.coarseRow(slot) }] : [];
  });
  const bytes = Buffer.concat([bytesOf(known.map(({ vector }) => vector)), ...known.map(({ coarse }) => coarse)]);
  return [{ kind: 'vectors', rows: known.map(({ row }) => row), dimensions: vectors.dimensions }, bytes];
}

/** Vectors of one length, one after the other. */
export function bytesOf(vectors: readonly Float32Array[]): Uint8Array {
  const length = vectors[0]?.length ?? 0;
  const floats = new Float32Array(length * vectors.length);
  for (const [at, vector] of vectors.entries()) floats.set(vector, at * length);
  return new Uint8Array(floats.buffer);
}
