import type { IndexPlace, OpenIndex } from 'boternity';
import { oramaEngine } from '../../plugins/memory-index/orama/orama-engine.ts';

export function open(place: IndexPlace): Promise<OpenIndex> {
  return oramaEngine.open(place);
}
