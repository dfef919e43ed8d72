import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DoorCase } from './door-cases.ts';
import { sha256Of, startFileServer, type FileServer } from './file-server.ts';

const bytes = Buffer.from('GGUF and nothing else');

/** The server that the actions of plugins/local download from in the doors' test. */
export function startModelServer(): Promise<FileServer> {
  return startFileServer({ '/tiny.gguf': bytes });
}

/** How the actions of plugins/local are tried at every door. */
export function localCases({ url }: FileServer): Readonly<Record<string, DoorCase>> {
  const wanted = { url: `${url}/tiny.gguf`, sha256: sha256Of(bytes) };
  const placeOf = (home: string, id: string): string => path.join(home, '.boternity/models', `${id}.gguf`);
  return {
    'models.download': {
      wrong: { ...wanted, sha256: 'abc' },
      right: wanted,
      prepare: async (_product, door) => ({ ...wanted, name: `tiny-${door}`, consent: true }),
      check: ({ t, product, door, output }) => {
        t.match(output, { id: `tiny-${door}`, bytes: bytes.length, downloaded: true });
        t.ok(existsSync(placeOf(product.home, `tiny-${door}`)));
      },
    },
    'models.files': {
      wrong: { nonsense: 'x' },
      right: {},
      check: ({ t, product, output }) => t.equal(output.folder, path.join(product.home, '.boternity/models')),
    },
    'models.remove': {
      wrong: { name: 'x'.repeat(161) },
      right: { name: 'gone' },
      prepare: async (product, door) => {
        await product.files.write(`.boternity/models/gone-${door}.gguf`, bytes);
        return { name: `gone-${door}` };
      },
      check: ({ t, product, door }) => t.notOk(existsSync(placeOf(product.home, `gone-${door}`))),
    },
  };
}
