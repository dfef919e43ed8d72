import { existsSync } from 'node:fs';
import path from 'node:path';
import { listOf } from './answers.ts';
import type { DoorCase } from './door-cases.ts';
import type { EmbeddingService } from './embedding-service.ts';
import { sha256Of, startFileServer, type FileServer } from './file-server.ts';
import { staticModel, writeModel } from './sentence-model.ts';

const files = staticModel();

/** The server that sentence models are downloaded from in the doors' test. */
export function startSentenceServer(): Promise<FileServer> {
  return startFileServer(Object.fromEntries(Object.entries(files).map(([file, bytes]) => [`/${file}`, bytes])));
}

/** How the embedders of the house are tried at every door. */
export function embedderCases({ url }: EmbeddingService, models: FileServer): Readonly<Record<string, DoorCase>> {
  const wanted = { url: models.url, name: 'tiny', sha256: sha256Of(files['model.safetensors'] ?? Buffer.alloc(0)) };
  const placeOf = (home: string, id: string): string => path.join(home, '.boternity/models', id);
  return {
    'embedders.download': {
      wrong: { ...wanted, sha256: 'abc' },
      right: wanted,
      prepare: async (_product, door) => ({ ...wanted, name: `tiny-${door}`, consent: true }),
      check: ({ t, product, door, output }) => {
        t.match(output, { id: `tiny-${door}`, downloaded: true });
        t.ok(existsSync(path.join(placeOf(product.home, `tiny-${door}`), 'model.safetensors')));
      },
    },
    'embedders.files': {
      wrong: { nonsense: 'x' },
      right: {},
      check: ({ t, product, output }) => t.equal(output.folder, path.join(product.home, '.boternity/models')),
    },
    'embedders.remove': {
      wrong: { name: 'x'.repeat(151) },
      right: { name: 'gone' },
      prepare: async (product, door) => {
        await writeModel(placeOf(product.home, `gone-${door}`), files);
        return { name: `gone-${door}` };
      },
      check: ({ t, product, door }) => t.notOk(existsSync(placeOf(product.home, `gone-${door}`))),
    },
    'embedders.list': {
      wrong: { nonsense: 'x' },
      right: {},
      check: ({ t, output }) => t.ok(Array.isArray(listOf(output.embedders)) && /words alone/.test(String(output.why))),
    },
    'embedders.test': {
      wrong: { name: 'x'.repeat(301) },
      right: {},
      prepare: async (product, door) => {
        const name = `vectors-${door}`;
        const facts = { words: { dimensions: 16 } };
        await product.client.call('providers.add', { name, address: `${url}/v1`, models: ['words'], facts });
        return { name: `${name}/words` };
      },
      check: ({ t, door, output }) => t.match(output, { name: `vectors-${door}/words`, dimensions: 16, alike: Number }),
    },
  };
}
