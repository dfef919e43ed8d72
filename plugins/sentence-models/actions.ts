import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { defineAction, download, Fault, sizeAt, syncFolder, z, type Downloaded } from 'boternity';
import { COMPANIONS, folderOf, modelFoldersIn, ONNX_WEIGHTS, readModelFolder, STATIC_WEIGHTS } from './model-folder.ts';

declare module 'boternity' {
  interface ActionTypes {
    'embedders.download': ReturnType<typeof downloadModel>;
    'embedders.files': ReturnType<typeof listFolders>;
    'embedders.remove': ReturnType<typeof removeFolder>;
  }
}

const name = z.string().min(1).max(150).describe('Name of the folder, which is the id of the model');
const HINT = { hint: 'Remove it with: bnity embedder remove, or give another name with: --name' };

export function downloadModel(folder: string, changed: () => Promise<void>) {
  return defineAction({
    name: 'embedders.download',
    summary: 'Downloads a sentence model to this machine. Without --consent it only tells what would be downloaded.',
    permission: 'models:admin',
    http: 'POST /embedders/files',
    cli: 'embedder download <url>',
    examples: [
      `bnity embedder download https://models.example.org/potion-base --name potion-base --sha256 ${'0'.repeat(64)}`,
      `bnity embedder download https://models.example.org/minilm --name minilm --form transformer --sha256 ${'0'.repeat(64)} --consent`,
    ],
    input: z.strictObject({
      url: z.url({ protocol: /^https?$/ }).describe('Folder in which the files of the model lie'),
      name,
      form: z
        .enum(['static', 'transformer'])
        .default('static')
        .describe('static: model.safetensors in the form of model2vec. transformer: onnx/model_quantized.onnx'),
      sha256: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, 'write its SHA-256 checksum as 64 hex digits, as the page of the model shows it')
        .describe('Checksum that the file of the weights is held to'),
      consent: z.boolean().default(false).describe('Download it now'),
    }),
    output: z.object({
      id: z.string(),
      from: z.string(),
      files: z.array(
        z.object({
          file: z.string(),
          bytes: z.number().nullable().describe('Null where the other end does not say'),
          sha256: z.string().nullable().describe('Null before a small file has come'),
        }),
      ),
      bytes: z.number().describe('All that are known, together'),
      downloaded: z.boolean(),
      next: z.string(),
    }),
    async run({ url, name: id, form, sha256: given, consent }, { signal, progress }) {
      const place = folderOf(folder, id);
      if (existsSync(place)) throw new Fault('MODEL_FILE_EXISTS', `There is a model ${id} already.`, HINT);
      const sha256 = given.toLowerCase();
      const weights = form === 'static' ? STATIC_WEIGHTS : ONNX_WEIGHTS[0];
      const told = { id, from: url };
      const from = (file: string): string => `${url.replace(/\/+$/, '')}/${file}`;
      const sized = await Promise.all(
        [...COMPANIONS[form], weights].map(async (file) => ({
          file,
          bytes: (await sizeAt(from(file), signal)) ?? null,
          sha256: file === weights ? sha256 : null,
        })),
      );
      const next = 'Nothing was downloaded. Say it again with --consent.';
      if (!consent) return { ...told, files: sized, bytes: sum(sized), downloaded: false, next };
      const making = `${place}.${sha256.slice(0, 16)}.part`;
      const wanted = sized.map(({ file, sha256: hash }) => ({ file, url: from(file), sha256: hash ?? undefined }));
      const files = await fetchAll(making, wanted, signal, progress);
      await rename(making, place);
      await syncFolder(folder);
      await changed();
      return {
        ...told,
        files,
        bytes: sum(files),
        downloaded: true,
        next: `Offer it with: bnity provider add sentence-models --models ${id}, then use it with: bnity settings set embedder sentence-models/${id}`,
      };
    },
  });
}

interface WantedFile {
  readonly file: string;
  readonly url: string;
  readonly sha256: string | undefined;
}

/** The files of a model, in a folder that stays for the next time where a download broke off, and goes where they are no model. */
async function fetchAll(
  making: string,
  wanted: readonly WantedFile[],
  signal: AbortSignal,
  progress: (fact: unknown) => void,
): Promise<({ readonly file: string } & Downloaded)[]> {
  try {
    const files = [];
    for (const { file, url, sha256 } of wanted) {
      progress(file);
      const place = path.join(making, file);
      files.push({ file, ...(await download({ url, sha256, place }, signal, () => undefined)) });
    }
    readModelFolder(making);
    return files;
  } catch (error) {
    const isBroken = Fault.is(error) && ['MODEL_CHECKSUM_WRONG', 'MODEL_FILE_INVALID'].includes(error.code);
    if (isBroken) await rm(making, { recursive: true, force: true });
    throw error;
  }
}

export function listFolders(folder: string) {
  return defineAction({
    name: 'embedders.files',
    summary: 'Lists the sentence models on this machine.',
    permission: 'models:read',
    http: 'GET /embedders/files',
    cli: 'embedder files',
    columns: ['id', 'form', 'dimensions', 'bytes'],
    examples: ['bnity embedder files'],
    input: z.strictObject({}),
    output: z.object({
      folder: z.string(),
      models: z.array(z.object({ id: z.string(), form: z.string(), dimensions: z.number(), bytes: z.number() })),
    }),
    run: async () => ({
      folder,
      models: (await modelFoldersIn(folder)).map(({ id, form, dimensions, bytes }) => ({
        id,
        form,
        dimensions,
        bytes,
      })),
    }),
  });
}

export function removeFolder(folder: string, changed: () => Promise<void>) {
  return defineAction({
    name: 'embedders.remove',
    summary: 'Removes a sentence model from this machine.',
    permission: 'models:admin',
    http: 'DELETE /embedders/files/{name}',
    cli: 'embedder remove <name>',
    confirm: 'Memory finds by words alone until it gets another embedder.',
    examples: ['bnity embedder remove potion-base --force'],
    input: z.strictObject({ name }),
    output: z.object({ id: z.string(), removed: z.literal(true) }),
    async run({ name: id }) {
      const { folder: place } = readModelFolder(folderOf(folder, id));
      await rm(place, { recursive: true });
      await changed();
      return { id, removed: true as const };
    },
  });
}

function sum(files: readonly { readonly bytes: number | null }[]): number {
  return files.reduce((all, { bytes }) => all + (bytes ?? 0), 0);
}
