import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { defineAction, download, Fault, sizeAt, z } from 'boternity';
import { isGguf } from './gguf.ts';
import { modelFilesIn, pathOf } from './model-files.ts';

declare module 'boternity' {
  interface ActionTypes {
    'models.download': ReturnType<typeof downloadModel>;
    'models.files': ReturnType<typeof listFiles>;
    'models.remove': ReturnType<typeof removeFile>;
  }
}

/** Between two words on how far a download is, in milliseconds. */
const TELL_MS = 500;

const name = z.string().min(1).max(160).describe('Name of the file; .gguf may be left out');

export function downloadModel(folder: string) {
  return defineAction({
    name: 'models.download',
    summary: 'Downloads a model file to this machine. Without --consent it only tells what would be downloaded.',
    permission: 'models:admin',
    http: 'POST /models/files',
    cli: 'model download <url>',
    examples: [
      `bnity model download https://models.example.org/tiny.gguf --sha256 ${'0'.repeat(64)}`,
      `bnity model download https://models.example.org/tiny.gguf --sha256 ${'0'.repeat(64)} --consent`,
    ],
    input: z.strictObject({
      url: z.url({ protocol: /^https?$/ }).describe('Where the GGUF file lies'),
      sha256: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, 'write its SHA-256 checksum as 64 hex digits, as the page of the model shows it')
        .describe('Checksum that the file is held to'),
      name: name.optional(),
      consent: z.boolean().default(false).describe('Download it now'),
    }),
    output: z.object({
      id: z.string().describe('Under this name a provider of the kind local offers it'),
      from: z.string(),
      bytes: z.number().nullable().describe('Null where the other end does not say'),
      sha256: z.string(),
      downloaded: z.boolean(),
      next: z.string(),
    }),
    async run({ url, sha256: given, name: wanted, consent }, { signal, progress }) {
      const place = pathOf(folder, wanted ?? path.posix.basename(new URL(url).pathname));
      const id = path.basename(place, '.gguf');
      const sha256 = given.toLowerCase();
      if (existsSync(place)) throw new Fault('MODEL_FILE_EXISTS', `There is a model file ${id} already.`);
      const told = { id, from: url, sha256 };
      if (!consent) {
        const bytes = (await sizeAt(url, signal)) ?? null;
        return { ...told, bytes, downloaded: false, next: 'Nothing was downloaded. Say it again with --consent.' };
      }
      const { bytes } = await download({ url, sha256, place, assertSort: assertGguf }, signal, seldom(progress));
      return { ...told, bytes, downloaded: true, next: `Offer it with: bnity provider add local --models ${id}` };
    },
  });
}

export function listFiles(folder: string) {
  return defineAction({
    name: 'models.files',
    summary: 'Lists the model files on this machine.',
    permission: 'models:read',
    http: 'GET /models/files',
    cli: 'model files',
    examples: ['bnity model files'],
    input: z.strictObject({}),
    output: z.object({ folder: z.string(), files: z.array(z.object({ id: z.string(), bytes: z.number() })) }),
    async run() {
      const files = await modelFilesIn(folder);
      return { folder, files: files.map(({ id, bytes }) => ({ id, bytes })) };
    },
  });
}

export function removeFile(folder: string) {
  return defineAction({
    name: 'models.remove',
    summary: 'Removes a model file from this machine.',
    permission: 'models:admin',
    http: 'DELETE /models/files/{name}',
    cli: 'model remove <name>',
    confirm: 'Bots that use this model cannot answer until they get another.',
    examples: ['bnity model remove tiny --force'],
    input: z.strictObject({ name }),
    output: z.object({ id: z.string(), removed: z.literal(true) }),
    async run({ name: given }) {
      const place = pathOf(folder, given);
      const id = path.basename(place, '.gguf');
      if (!existsSync(place)) throw new Fault('MODEL_FILE_MISSING', `There is no model file ${id}.`);
      await rm(place);
      return { id, removed: true as const };
    },
  });
}

function assertGguf(beginning: Uint8Array): void {
  if (!isGguf(beginning)) throw new Fault('MODEL_FILE_INVALID', 'What lies at that address is no GGUF file.');
}

/** Tells how far it is now and then, and at the end. */
function seldom(progress: (fact: unknown) => void): (bytes: number, all: number | undefined) => void {
  let toldAt = 0;
  return (bytes, all) => {
    if (bytes !== all && performance.now() - toldAt < TELL_MS) return;
    toldAt = performance.now();
    progress(all === undefined ? inMegabytes(bytes) : `${inMegabytes(bytes)} of ${inMegabytes(all)}`);
  };
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
