import type { WordList } from './word-lists.ts';

/** Lists of words as bytes: how many words each has, how long its text is, then all words, then how often each. */
export function encodeLists(lists: readonly WordList[]): Uint8Array {
  const pairs = lists.reduce((sum, { words }) => sum + words.length, 0);
  const bytes = new Uint8Array(lists.length * 8 + pairs * 6);
  const { counts, lengths, words, times } = viewsOf(bytes, lists.length, pairs);
  let used = 0;
  for (const [at, list] of lists.entries()) {
    counts[at] = list.words.length;
    lengths[at] = list.length;
    words.set(list.words, used);
    times.set(list.times, used);
    used += list.words.length;
  }
  return bytes;
}

/** Throws when they are not as long as they say. */
export function* decodeLists(bytes: Uint8Array, count: number): Generator<WordList> {
  const pairs = (bytes.length - count * 8) / 6;
  const { counts, lengths, words, times } = viewsOf(bytes, count, pairs);
  let used = 0;
  for (let at = 0; at < count; at += 1) {
    const end = used + (counts[at] ?? 0);
    if (end > pairs) throw new Error('Lists of words end too early.');
    yield { words: words.subarray(used, end), times: times.subarray(used, end), length: lengths[at] ?? 0 };
    used = end;
  }
}

function viewsOf({ buffer, byteOffset }: Uint8Array, count: number, pairs: number) {
  return {
    counts: new Uint32Array(buffer, byteOffset, count),
    lengths: new Uint32Array(buffer, byteOffset + count * 4, count),
    words: new Uint32Array(buffer, byteOffset + count * 8, pairs),
    times: new Uint16Array(buffer, byteOffset + count * 8 + pairs * 4, pairs),
  };
}
