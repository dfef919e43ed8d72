import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export type Dtype = 'F64' | 'F32' | 'F16' | 'I8' | 'I32' | 'I64';

/** A tensor to be written. */
export interface Tensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
}

/** The words that the tests' models know; the rest is pieces and what the form needs. */
const PIECES = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'owl', '##s', 'sleep', '##ing', 'cafe', '!', '水', 'river'];
export const DIMENSIONS = 4;

/** A vector for each piece, different in each. */
export const matrix = PIECES.map((_, at) => [at + 1, (at * 7) % 5, -at, (at % 3) - 1]);
export const rowOf = (piece: string): number[] => matrix[PIECES.indexOf(piece)] ?? [];

/** tokenizer.json as the library `tokenizers` writes it, of WordPiece as BERT has it. */
export const wordPiece = {
  version: '1.0',
  added_tokens: PIECES.slice(0, 4).map((content, id) => ({ id, content, special: true, normalized: false })),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(PIECES.map((piece, id) => [piece, id])),
  },
};

function special(id: string): object {
  return { SpecialToken: { id, type_id: 0 } };
}

/** The bytes of a file of the form safetensors. */
export function safetensors(tensors: Readonly<Record<string, Tensor>>): Buffer {
  let at = 0;
  const head: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const parts = Object.entries(tensors).map(([name, { dtype, shape, numbers }]) => {
    const bytes = bytesOf(dtype, numbers);
    head[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
    return bytes;
  });
  return withHead(JSON.stringify(head), Buffer.concat(parts));
}

/** A file with this head, whatever it says. */
export function withHead(head: string, rest: Buffer = Buffer.alloc(0)): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(head)));
  return Buffer.concat([length, Buffer.from(head), rest]);
}

function bytesOf(dtype: Dtype, numbers: readonly number[]): Buffer {
  const made = {
    F64: () => Float64Array.from(numbers),
    F32: () => Float32Array.from(numbers),
    F16: () => Float16Array.from(numbers),
    I8: () => Int8Array.from(numbers),
    I32: () => Int32Array.from(numbers),
    I64: () => BigInt64Array.from(numbers, BigInt),
  }[dtype]();
  return Buffer.from(made.buffer);
}

/** The matrix above as a tensor. */
export function embeddings(dtype: Dtype = 'F32'): Tensor {
  return { dtype, shape: [matrix.length, DIMENSIONS], numbers: matrix.flat() };
}

/** The files of a static model; some may be replaced, or left out where they are undefined. */
export function staticModel(
  changes: Readonly<Record<string, string | Buffer | undefined>> = {},
): Record<string, Buffer> {
  return filesOf({
    'model.safetensors': safetensors({ embeddings: embeddings() }),
    'tokenizer.json': JSON.stringify(wordPiece),
    'config.json': JSON.stringify({ model_type: 'model2vec', normalize: true }),
    ...changes,
  });
}

/** The files of a transformer: a network that looks each token up in the matrix. */
export function transformerModel(
  changes: Readonly<Record<string, string | Buffer | undefined>> = {},
): Record<string, Buffer> {
  return filesOf({
    'onnx/model_quantized.onnx': lookupNetwork(),
    'tokenizer.json': JSON.stringify(wordPiece),
    'tokenizer_config.json': JSON.stringify({
      tokenizer_class: 'BertTokenizer',
      model_max_length: 16,
      pad_token: '[PAD]',
    }),
    'config.json': JSON.stringify({ model_type: 'bert', hidden_size: DIMENSIONS, max_position_embeddings: 16 }),
    ...changes,
  });
}

function filesOf(files: Readonly<Record<string, string | Buffer | undefined>>): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([file, content]) => (content === undefined ? [] : [[file, Buffer.from(content)]])),
  );
}

export async function writeModel(folder: string, files: Readonly<Record<string, Buffer>>): Promise<void> {
  for (const [file, bytes] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), bytes);
  }
}

/** A network in the form ONNX (protobuf): Gather over the matrix by input_ids gives last_hidden_state. */
function lookupNetwork(): Buffer {
  const sides = ['batch', 'sequence'];
  const numbers = Buffer.from(Float32Array.from(matrix.flat()).buffer);
  const table = [varint(1, matrix.length), varint(1, DIMENSIONS), varint(2, 1), bytes(8, 'table'), bytes(9, numbers)];
  const node = [bytes(1, 'table'), bytes(1, 'input_ids'), bytes(2, 'last_hidden_state'), bytes(4, 'Gather')];
  const graph = [
    bytes(1, ...node),
    bytes(2, 'lookup'),
    bytes(5, ...table),
    bytes(11, ...value('input_ids', 7, sides)),
    bytes(11, ...value('attention_mask', 7, sides)),
    bytes(12, ...value('last_hidden_state', 1, [...sides, DIMENSIONS])),
  ];
  return Buffer.concat([varint(1, 8), bytes(7, ...graph), bytes(8, bytes(1, ''), varint(2, 13))]);
}

function value(name: string, type: number, sides: readonly (string | number)[]): Buffer[] {
  const shape = sides.map((side) => bytes(1, typeof side === 'number' ? varint(1, side) : bytes(2, side)));
  return [bytes(1, name), bytes(2, bytes(1, varint(1, type), bytes(2, ...shape)))];
}

function varint(field: number, number: number): Buffer {
  return Buffer.concat([unsigned(field * 8), unsigned(number)]);
}

function bytes(field: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([unsigned(field * 8 + 2), unsigned(content.length), content]);
}

function unsigned(number: number): Buffer {
  const digits: number[] = [];
  let rest = number;
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128);
  return Buffer.from([...digits, rest]);
}

const VERSION = '4.3.1';
const kept = path.resolve(import.meta.dirname, `../../node_modules/.cache/transformers-${VERSION}`);

/**
 * Where @huggingface/transformers is installed, with the binary of this platform alone. Nobody who installs the product gets it, so
 * it is fetched here once. Gives why where that cannot be done.
 */
export async function installTransformers(): Promise<{ readonly modules: string } | { readonly why: string }> {
  const modules = path.join(kept, 'node_modules');
  if (existsSync(modules)) return { modules };
  const making = `${kept}.${process.pid}`;
  await mkdir(making, { recursive: true });
  const flags = ['--prefix', making, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    const install = ['install', ...flags, `@huggingface/transformers@${VERSION}`];
    await promisify(execFile)('npm', install, { cwd: making, timeout: 180_000 });
    const others = ['darwin', 'linux', 'win32'].filter((each) => each !== process.platform);
    for (const other of others)
      await rm(path.join(making, 'node_modules/onnxruntime-node/bin/napi-v6', other), { recursive: true, force: true });
    await rename(making, kept);
    return { modules };
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    if (existsSync(modules)) return { modules };
    return { why: `@huggingface/transformers ${VERSION} could not be installed: ${String(error).split('\n')[0]}` };
  }
}
