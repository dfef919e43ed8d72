import { link, open, rename, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';

export interface SaveOptions {
  /** Replaces a file that is there; otherwise that is FILE_EXISTS. */
  readonly isForced: boolean;
  readonly mode?: number;
}

/** Writes what comes to a file, the whole of it or none: it is put in its place only when it is on disk. Gives its size. */
export async function saveStream(
  content: Readable,
  place: string,
  { isForced, mode = 0o644 }: SaveOptions,
): Promise<number> {
  const temporary = `${place}.${createId()}.part`;
  try {
    const handle = await open(temporary, 'wx', mode);
    await pipeline(content, handle.createWriteStream({ flush: true }));
    const { size } = await stat(temporary);
    if (isForced) await rename(temporary, place);
    else
      await link(temporary, place).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EEXIST' ? new Fault('FILE_EXISTS', `${place} is there already.`) : error;
      });
    return size;
  } catch (error) {
    throw Fault.from(error);
  } finally {
    await rm(temporary, { force: true });
  }
}
