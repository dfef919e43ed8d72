import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Fault, isMissingFile } from 'boternity';

const ENDING = '.gguf';
const PLAIN_NAME = /^[A-Za-z0-9][\w.+-]{0,150}$/;

/** A model on disk. */
export interface ModelFile {
  /** Name of the file without its ending. */
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

/** Where a model lies. Its id is the name of the file, with its ending or without. Throws for one that leads elsewhere. */
export function pathOf(folder: string, id: string): string {
  const name = id.endsWith(ENDING) ? id.slice(0, -ENDING.length) : id;
  if (PLAIN_NAME.test(name)) return path.join(folder, `${name}${ENDING}`);
  throw new Fault('MODEL_FILE_INVALID', `“${id}” is no name of a model file.`);
}

/** The models in a folder, by name; none where there is no such folder. */
export async function modelFilesIn(folder: string): Promise<ModelFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw error;
  });
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith(ENDING))
      .toSorted()
      .map(async (name) => {
        const place = path.join(folder, name);
        const { size } = await stat(place);
        return { id: name.slice(0, -ENDING.length), path: place, bytes: size };
      }),
  );
  return found;
}
