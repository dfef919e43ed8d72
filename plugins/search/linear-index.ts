import type * as orama from '@orama/orama';

export type Orama = typeof orama;

type IndexComponent = ReturnType<Orama['components']['index']['createIndex']>;

/** One place in the engine's tree of words: what stands on the way to it, whether a word ends here, and where that word occurs. */
interface Place {
  readonly s: string;
  readonly e: boolean;
  readonly w: string;
  readonly c: ReadonlyMap<string, Place>;
  readonly d: ReadonlySet<number>;
}

/**
 * The engine's index with the parts exchanged that take time by the square: counting the words of a text, and listing the texts of a
 * word. `countOf` says how often a word is in what is being added.
 */
export function linearIndex({ components }: Orama, countOf: (field: string, word: string) => number): IndexComponent {
  const usual = components.index.createIndex();
  return {
    ...usual,
    create: (...parts) => {
      const index = usual.create(...parts);
      for (const [field, tree] of Object.entries(index.indexes)) {
        index.tokenOccurrences[field] = dictionary();
        if (tree.type !== 'Radix') continue;
        const { node } = tree;
        node.find = ({ term }) => placesOf(node, term);
      }
      return index;
    },
    insertDocumentScoreParameters: (index, field, id, words, count) => {
      usual.insertDocumentScoreParameters(index, field, id, words, count);
      (index.frequencies[field] ??= {})[Number(id)] = dictionary();
    },
    insertTokenScoreParameters: (index, field, id, _words, word) => {
      const frequencies = index.frequencies[field]?.[Number(id)];
      const occurrences = index.tokenOccurrences[field];
      if (!frequencies || !occurrences) return;
      // Most words occur once: what is kept is only how often again.
      const again = countOf(field, word) - 1;
      if (again > 0) frequencies[word] = again;
      occurrences[word] = (occurrences[word] ?? 0) + 1;
    },
    removeTokenScoreParameters: (index, field, word) => {
      const occurrences = index.tokenOccurrences[field];
      if (!occurrences) return;
      const left = (occurrences[word] ?? 1) - 1;
      if (left > 0) occurrences[word] = left;
      else delete occurrences[word];
    },
  };
}

/** All words that begin so, and where each occurs. */
function placesOf(root: Place, beginning: string): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  let place: Place | undefined = root;
  for (let at = 0; place && at < beginning.length; at += place?.s.length ?? 0) {
    place = place.c.get(beginning[at] ?? '');
    const rest = beginning.slice(at, at + (place?.s.length ?? 0));
    if (!place?.s.startsWith(rest)) return found;
  }
  const waiting = place ? [place] : [];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.e && next.d.size > 0) found[next.w] = [...next.d];
    waiting.push(...next.c.values());
  }
  return found;
}

/** Words of people as keys, without those that every object has. */
function dictionary(): Record<string, number> {
  return Object.create(null) as Record<string, number>;
}
