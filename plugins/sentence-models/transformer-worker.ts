import module from 'node:module';
import path from 'node:path';
import type { Embed, Load } from './messages.ts';
import { serve } from './serve.ts';

/** The process that runs one transformer: it is alone with the native library, so that a crash of that takes nobody along. */
const load = JSON.parse(process.argv[2] ?? '{}') as Load;

/** By the name of the file of the weights. */
const TYPES: Readonly<Record<string, 'q8' | 'int8' | 'fp32'>> = {
  'model_quantized.onnx': 'q8',
  'model_int8.onnx': 'int8',
  'model.onnx': 'fp32',
};

module.registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@huggingface/transformers' ? { url: load.library, shortCircuit: true } : next(specifier, context),
});
process.on('disconnect', () => process.exit(0));

serve(
  {
    hear: (listener) => void process.on('message', listener),
    say: (message) => void process.send?.(message),
  },
  prepare,
);

async function prepare(): Promise<Embed> {
  const { env, pipeline } = await import('@huggingface/transformers');
  // Nothing is ever asked of a network: what is not in the folder is not there.
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = path.dirname(load.folder);
  env.useFSCache = false;
  const extract = await pipeline('feature-extraction', path.basename(load.folder), {
    dtype: TYPES[path.basename(load.weights)] ?? 'fp32',
    device: 'cpu',
    local_files_only: true,
    session_options: { intraOpNumThreads: load.threads, interOpNumThreads: 1 },
  });
  const { tokenizer, model } = extract;
  const most = model.config.max_position_embeddings ?? 512;
  if (!(tokenizer.model_max_length <= most)) tokenizer.model_max_length = most;
  return async (texts) => {
    const { data, dims } = await extract([...texts], { pooling: load.pooling, normalize: true });
    const tokens = texts.reduce((sum, text) => sum + Math.min(most, tokenizer.encode(text).length), 0);
    const [count = 0, width = 0] = dims;
    return { numbers: Float32Array.from(data).subarray(0, count * width), tokens };
  };
}
