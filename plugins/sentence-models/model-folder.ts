import { closeSync, existsSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Fault, fieldsOf, isMissingFile, numberOf } from 'boternity';
import { isMatrix, tensorsIn, type Tensor } from './safetensors.ts';
import { WrongFile } from './wrong-file.ts';

/** static: a vector for each token of a vocabulary. transformer: a network in the form ONNX. */
export type Form = 'static' | 'transformer';

/** A model on disk. */
export interface ModelFolder {
  readonly form: Form;
  readonly folder: string;
  /** File of the weights, from the folder. */
  readonly weights: string;
  /** Numbers in each vector. */
  readonly dimensions: number;
}

export const STATIC_WEIGHTS = 'model.safetensors';
/** The smaller first. */
export const ONNX_WEIGHTS = ['onnx/model_quantized.onnx', 'onnx/model_int8.onnx', 'onnx/model.onnx'] as const;

/** What else each form needs. */
export const COMPANIONS: Readonly<Record<Form, readonly string[]>> = {
  static: ['tokenizer.json', 'config.json'],
  transformer: ['tokenizer.json', 'tokenizer_config.json', 'config.json'],
};
/** Whose absence is borne: older static models have none, and are then made to length 1. */
const DISPENSABLE = { static: ['config.json'], transformer: [] as string[] };

const PLAIN_NAME = /^[A-Za-z0-9][\w.+-]{0,150}$/;

/** Where a model lies: its id is the name of a folder. Throws for one that leads elsewhere. */
export function folderOf(models: string, id: string): string {
  if (PLAIN_NAME.test(id)) return path.join(models, id);
  throw new Fault('MODEL_FILE_INVALID', `“${id}” is no name of a model folder.`);
}

/** What lies in a folder, by its small files and the head of its weights. Throws MODEL_FILE_MISSING, MODEL_FILE_INVALID. */
export function readModelFolder(folder: string): ModelFolder {
  if (!existsSync(folder)) throw missing(`There is no folder ${path.basename(folder)} in ${path.dirname(folder)}.`);
  const matrix = existsSync(path.join(folder, STATIC_WEIGHTS))
    ? matrixIn(path.join(folder, STATIC_WEIGHTS))
    : undefined;
  const network = ONNX_WEIGHTS.find((file) => existsSync(path.join(folder, file)));
  const form = matrix || network === undefined ? 'static' : 'transformer';
  const weights = form === 'static' ? STATIC_WEIGHTS : (network ?? '');
  if (form === 'static' && !matrix) {
    if (existsSync(path.join(folder, STATIC_WEIGHTS)))
      throw invalid(
        `${STATIC_WEIGHTS} in ${folder} holds no matrix of embeddings, and there is no ${ONNX_WEIGHTS[0]}.`,
      );
    throw missing(
      `There is no ${STATIC_WEIGHTS} (static embeddings) and no ${ONNX_WEIGHTS[0]} (a transformer) in ${folder}.`,
    );
  }
  for (const file of COMPANIONS[form])
    if (!DISPENSABLE[form].includes(file) && !existsSync(path.join(folder, file)))
      throw missing(`There is no ${file} in ${folder}.`);
  return { form, folder, weights, dimensions: matrix?.shape[1] ?? widthOf(folder) };
}

/** A small JSON file of a model. Throws MODEL_FILE_INVALID. */
export function jsonFile(folder: string, file: string): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
  } catch (error) {
    if (isMissingFile(error)) throw missing(`There is no ${file} in ${folder}.`);
    throw invalid(`${file} in ${folder} is no JSON.`);
  }
}

/** The folders that hold a model, by name, with what they hold; those that hold something else are left out. */
export async function modelFoldersIn(models: string): Promise<(ModelFolder & { id: string; bytes: number })[]> {
  const names = await readdir(models).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw error;
  });
  return names
    .filter((name) => PLAIN_NAME.test(name))
    .toSorted()
    .flatMap((id) => {
      try {
        const found = readModelFolder(path.join(models, id));
        return [{ ...found, id, bytes: statSync(path.join(found.folder, found.weights)).size }];
      } catch {
        return [];
      }
    });
}

function matrixIn(place: string): Tensor | undefined {
  const file = openSync(place, 'r');
  try {
    const matrix = tensorsIn(file, fstatSync(file).size).find(isMatrix);
    if (matrix && (matrix.shape.length !== 2 || !matrix.shape[0] || !matrix.shape[1]))
      throw invalid(`${matrix.name} in ${place} is no matrix: its shape is ${matrix.shape.join(' × ') || 'empty'}.`);
    return matrix;
  } catch (error) {
    throw error instanceof WrongFile ? invalid(`${error.message} It lies at ${place}.`) : error;
  } finally {
    closeSync(file);
  }
}

function widthOf(folder: string): number {
  const config = jsonFile(folder, 'config.json');
  const width = numberOf(config['hidden_size']) ?? numberOf(config['d_model']) ?? numberOf(config['dim']);
  if (width !== undefined && Number.isInteger(width) && width > 0) return width;
  throw invalid(`config.json in ${folder} does not say hidden_size: how long its vectors are.`);
}

function missing(message: string): Fault {
  return new Fault('MODEL_FILE_MISSING', message, { hint: 'List what is there with: bnity embedder files' });
}

function invalid(message: string): Fault {
  return new Fault('MODEL_FILE_INVALID', message, { hint: 'Download the model again, or choose another one.' });
}
