import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import type { Embed } from './messages.ts';
import { isMatrix, numbersOf, tensorsIn, type Numbers } from './safetensors.ts';
import { WrongFile } from './wrong-file.ts';

/** Tokens of a text that are read, as those who make such models do. */
const MOST_TOKENS = 512;

interface Matrix {
  readonly numbers: Numbers;
  readonly rows: number;
  readonly dimensions: number;
  /** How much each token counts; 1 when absent. */
  readonly weights: Numbers | undefined;
  /** In which row the vector of each token stands; in that of its number when absent. */
  readonly mapping: Numbers | undefined;
}

/**
 * A model in the form of model2vec: each token has a vector, and the vector of a text is the mean of those of its tokens, times how
 * much each counts. Throws WrongFile, which says which file is wrong and why.
 */
export function loadStatic(folder: string, weights: string): Embed {
  const matrix = matrixAt(path.join(folder, weights));
  const tokenizer = tokenizerFrom(jsonAt(folder, 'tokenizer.json') ?? {});
  const rows = matrix.mapping?.length ?? matrix.rows;
  if (tokenizer.vocabulary > rows)
    throw new WrongFile(`tokenizer.json has ${tokenizer.vocabulary} tokens, and ${weights} vectors for ${rows}.`);
  const isUnit = jsonAt(folder, 'config.json')?.normalize !== false;
  return async (texts) => {
    const numbers = new Float32Array(texts.length * matrix.dimensions);
    let tokens = 0;
    for (const [at, text] of texts.entries()) {
      const ids = tokenizer.idsOf(text).slice(0, MOST_TOKENS);
      tokens += ids.length;
      const vector = numbers.subarray(at * matrix.dimensions, (at + 1) * matrix.dimensions);
      addUp(matrix, ids, vector);
      scale(vector, isUnit ? lengthOf(vector) : ids.length);
    }
    return { numbers, tokens };
  };
}

/** What is read of the small files of a model. */
interface Known {
  /** Of config.json: whether its makers want vectors of length 1; they do where they say nothing. */
  readonly normalize?: unknown;
  /** Of tokenizer.json. */
  readonly model?: { readonly unk_token?: unknown; readonly unk_id?: unknown };
}

/** A small JSON file; undefined where it is not there. */
function jsonAt(folder: string, file: string): Known | undefined {
  const place = path.join(folder, file);
  if (!existsSync(place)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(place, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw new WrongFile(`${file} in ${folder} is no JSON.`);
}

function matrixAt(place: string): Matrix {
  const file = openSync(place, 'r');
  try {
    const tensors = tensorsIn(file, fstatSync(file).size);
    const find = (name: string): Numbers | undefined => {
      const tensor = tensors.find((each) => each.name === name);
      return tensor && numbersOf(file, tensor);
    };
    const tensor = tensors.find(isMatrix);
    const [rows = 0, dimensions = 0] = tensor?.shape ?? [];
    if (!tensor || rows * dimensions === 0) throw new WrongFile('model.safetensors holds no matrix of embeddings.');
    const mapping = find('mapping');
    if (mapping?.some((row) => !(row >= 0 && row < rows)))
      throw new WrongFile(
        `mapping in model.safetensors leads to rows that embeddings, which has ${rows}, does not have.`,
      );
    const weights = find('weights');
    const tokens = mapping?.length ?? rows;
    if (weights && weights.length < tokens)
      throw new WrongFile(`weights in model.safetensors has ${weights.length} numbers for ${tokens} tokens.`);
    return { numbers: numbersOf(file, tensor), rows, dimensions, weights, mapping };
  } finally {
    closeSync(file);
  }
}

/** What is used of the package, whose own types cannot be followed. */
interface BareTokenizer {
  get_vocab(withAdded: boolean): ReadonlyMap<string, number>;
  token_to_id(token: string): number | undefined;
  encode(text: string, options: { readonly add_special_tokens: boolean }): { readonly ids: number[] };
}

/** A tokenizer that gives no token for what it does not know. */
function tokenizerFrom(json: Known): { readonly vocabulary: number; idsOf(text: string): number[] } {
  try {
    const tokenizer: BareTokenizer = new Tokenizer(json, {});
    const { unk_token: token, unk_id: id } = json.model ?? {};
    const unknown = typeof token === 'string' ? tokenizer.token_to_id(token) : id;
    return {
      vocabulary: tokenizer
        .get_vocab(true)
        .values()
        .reduce((most, each) => Math.max(most, each + 1), 0),
      idsOf: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.filter((each) => each !== unknown),
    };
  } catch (error) {
    throw new WrongFile(`tokenizer.json cannot be used: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function addUp({ numbers, dimensions, weights, mapping }: Matrix, ids: readonly number[], vector: Float32Array): void {
  for (const id of ids) {
    const weight = weights?.[id] ?? 1;
    const start = (mapping?.[id] ?? id) * dimensions;
    for (let at = 0; at < dimensions; at += 1) vector[at] = (vector[at] ?? 0) + (numbers[start + at] ?? 0) * weight;
  }
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
}

function scale(vector: Float32Array, by: number): void {
  if (by > 0) for (let at = 0; at < vector.length; at += 1) vector[at] = (vector[at] ?? 0) / by;
}
