import type { MemoryEngine } from 'boternity';
import { KeptIndex } from '../kept/kept-index.ts';
import { formatOf, STORAGE } from '../kept/format.ts';
import { analysed } from '../worded.ts';
import { OramaWords } from './orama-words.ts';

/** Words by Orama, in this process: for as many entries as an ordinary bot has. */
export const oramaEngine: MemoryEngine = {
  name: 'orama',
  storage: STORAGE,
  async open({ folder, analyse, analyser, damaged }) {
    const orama = await import('@orama/orama');
    const index = await KeptIndex.open({
      engine: 'orama',
      folder,
      format: formatOf(analyser),
      damaged,
      search: (state) => new OramaWords(orama, state),
    });
    return analysed(index, analyse);
  },
};
