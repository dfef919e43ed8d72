import type * as orama from '@orama/orama';

export type Orama = typeof orama;

type IndexComponent = ReturnType<Orama['components']['index']['createIndex']>;
type Index = ReturnType<IndexComponent['create']>;

/** What is known of the entry that is being taken in, and of all of them. */
export interface Counts {
  readonly times: (word: string) => number;
  /** Words of the entry, with repetitions. */
  readonly length: () => number;
  readonly mean: () => number;
}

/** A part of Orama's tree of words. */
interface Place {
  readonly s: string;
  readonly c: ReadonlyMap<string, Place>;
  readonly d: ReadonlySet<number>;
}

/**
 * Orama's index with counts in place of its own: those are by the length of the text, which is not BM25, its mean length drifts with each
 * removal, and its list of the entries of a frequent word takes time by the square.
 */
export function countedIndex({ components }: Orama, counts: Counts): IndexComponent {
  const usual = components.index.createIndex();
  return {
    ...usual,
    create: (...parts) => {
      const index = usual.create(...parts);
      for (const [field, tree] of Object.entries(index.indexes)) {
        index.tokenOccurrences[field] = dictionary();
        if (tree.type !== 'Radix') continue;
        const { node } = tree;
        node.find = ({ term }) => entriesOf(node, term);
      }
      return index;
    },
    insertDocumentScoreParameters: (index, field, id) => {
      (index.fieldLengths[field] ??= {})[Number(id)] = counts.length();
      (index.frequencies[field] ??= {})[Number(id)] = dictionary();
    },
    insertTokenScoreParameters: (index, field, id, _words, word) => {
      const frequencies = index.frequencies[field]?.[Number(id)];
      const occurrences = index.tokenOccurrences[field];
      if (!frequencies || !occurrences) return;
      frequencies[word] = counts.times(word);
      occurrences[word] = (occurrences[word] ?? 0) + 1;
    },
    removeDocumentScoreParameters: (index, field, id) => {
      const number = index.sharedInternalDocumentStore.idToInternalId.get(String(id));
      delete index.fieldLengths[field]?.[number ?? 0];
      delete index.frequencies[field]?.[number ?? 0];
    },
    removeTokenScoreParameters: (index, field, word) => {
      const occurrences = index.tokenOccurrences[field];
      if (!occurrences) return;
      const left = (occurrences[word] ?? 1) - 1;
      if (left > 0) occurrences[word] = left;
      else delete occurrences[word];
    },
    search: (index, ...rest) => {
      const { avgFieldLength } = index as Index;
      for (const field of Object.keys(avgFieldLength)) avgFieldLength[field] = counts.mean();
      return usual.search(index, ...rest);
    },
  };
}

/** The entries of one whole word. */
function entriesOf(root: Place, word: string): Record<string, number[]> {
  let place: Place | undefined = root;
  for (let at = 0; at < word.length; at += place.s.length) {
    place = place.c.get(word[at] ?? '');
    if (!place || !word.startsWith(place.s, at)) return {};
  }
  return place.d.size > 0
    ? Object.assign(Object.create(null) as Record<string, number[]>, { [word]: [...place.d] })
    : {};
}

/** Words of people as keys, without those that every object has. */
function dictionary(): Record<string, number> {
  return Object.create(null) as Record<string, number>;
}
