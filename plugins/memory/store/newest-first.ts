import type { IndexedEntry, MemoryIndex } from 'boternity';

/** Entries that are asked for at once. */
const AT_ONCE = 200;

/** All entries of an index, newest first; those behind one of them where it is named. Several may be of the same moment. */
export async function* newestFirst(
  index: MemoryIndex,
  behind?: { readonly at: number; readonly id: string },
): AsyncGenerator<IndexedEntry> {
  const [begin] = behind ? await index.get([behind.id]) : [];
  let to = begin ? begin.at + 1 : (behind?.at ?? Infinity);
  let isReached = begin === undefined;
  let limit = AT_ONCE;
  let told = new Set<string>();
  for (;;) {
    const entries = await index.during(-Infinity, to, { limit });
    const fresh = entries.filter(({ id }) => !told.has(id));
    for (const entry of fresh) {
      if (isReached) yield entry;
      isReached ||= entry.id === behind?.id;
    }
    const last = entries.at(-1);
    if (!last || entries.length < limit) return;
    // Those of the last moment may go on behind the limit.
    limit = fresh.length === 0 ? limit * 2 : AT_ONCE;
    to = last.at + 1;
    told = new Set(entries.filter(({ at }) => at === last.at).map(({ id }) => id));
  }
}
