import type { Lance } from '@lancedb/lancedb';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Fault, type MemoryEngine } from 'boternity';
import { formatOf } from '../kept/format.ts';
import type { IndexWorker } from '../native/index-worker.ts';
import { RemoteIndex } from '../native/remote-index.ts';
import { analysed } from '../worded.ts';
import { withLance } from './lance-index.ts';
import { LanceVectors } from './lance-vectors.ts';

const PACKAGE = '@lancedb/lancedb';

/** Words in our own index, vectors in LanceDB: for so many vectors that they should not be in memory. Its package is never installed by itself. */
export function lanceEngine(worker: IndexWorker, home: string): MemoryEngine {
  return {
    name: 'lancedb',
    storage: 'lancedb',
    get missing() {
      if (find(home) !== undefined) return undefined;
      return `The engine "lancedb" needs its package. Add it with: npm install --prefix ${home} ${PACKAGE}`;
    },
    async open({ folder, analyse, analyser, damaged }) {
      const library = find(home);
      if (library === undefined) throw new Fault('MEMORY_ENGINE_MISSING', this.missing ?? `${PACKAGE} is not there.`);
      const lance = createRequire(library)(library) as Lance;
      const place = { folder, format: `${formatOf(analyser)}, lancedb`, damaged };
      const index = await new RemoteIndex(worker, place).open();
      return analysed(withLance(index, await LanceVectors.open(lance, path.join(folder, 'vectors'))), analyse);
    },
  };
}

/** Where the package is: in the home, or beside the program. */
function find(home: string): string | undefined {
  for (const from of [path.join(home, 'package.json'), import.meta.url]) {
    try {
      return createRequire(from).resolve(PACKAGE);
    } catch {
      // There it is not.
    }
  }
  return undefined;
}
