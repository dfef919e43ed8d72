import type { IndexPlace, OpenIndex } from 'boternity';
import { KeptIndex } from '../../plugins/memory-index/kept/kept-index.ts';
import { NativeWords } from '../../plugins/memory-index/native/native-words.ts';
import { analysed } from '../../plugins/memory-index/worded.ts';

/** An index in this process that makes a snapshot whenever 500 bytes have changed. */
export async function open({ folder, analyse, analyser, damaged }: IndexPlace): Promise<OpenIndex> {
  const search = (state: ConstructorParameters<typeof NativeWords>[0]): NativeWords => new NativeWords(state);
  const index = await KeptIndex.open({ engine: 'kept', folder, format: analyser, damaged, long: 500, search });
  return analysed(index, analyse);
}
