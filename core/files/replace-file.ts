import { constants } from 'node:fs';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import { openDurableFolder } from './folders.ts';
import { TEMPORARY_SUFFIX } from './store-path.ts';
import { isMissingFile, isSystemError, systemCalls, type OpenFolder, type SystemCalls } from './system-calls.ts';

/**
 * Writes a whole file so that a crash at any instant leaves the old or the new one; answers when it is on disk. Makes the
 * folders above it. A file that is replaced hands its mode on; a new one gets `mode`.
 */
export async function writeAtomically(
  file: string,
  content: string | Uint8Array,
  mode = 0o644,
  calls: SystemCalls = systemCalls,
): Promise<void> {
  try {
    const folder = await nearestReal(calls, path.dirname(path.resolve(file)));
    await replaceFile(calls, folder.real, path.basename(file), content, mode);
  } catch (error) {
    throw Fault.from(error);
  }
}

/** The same in a folder given by its real path. Rejects with the system's own errors. */
export async function replaceFile(
  calls: SystemCalls,
  folder: string,
  name: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const above = await openDurableFolder(calls, folder);
  try {
    await replaceIn(calls, above, name, bytes, mode);
    await above.sync();
  } finally {
    await above.close();
  }
}

async function replaceIn(calls: SystemCalls, above: OpenFolder, name: string, bytes: Uint8Array, mode: number) {
  const place = `${above.path}/${name}`;
  const before = await calls.lstat(place).catch(undefinedIfMissing);
  if (before?.isDirectory()) throw Object.assign(new Error('EISDIR: a folder has this name'), { code: 'EISDIR' });
  const temporary = `${above.path}/${temporaryName()}`;
  try {
    const file = await calls.open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      if (before?.isFile()) await file.chmod(before.mode & 0o777);
      await writeAll(file, bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await calls.rename(temporary, place);
  } catch (error) {
    await calls.unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/**
 * Reads a file that is one, and nothing else: a pipe would hold its reader for ever, a device would never end. `check` hears where
 * it lies before a byte is read. Rejects with the system's own errors, or with FILE_INVALID.
 */
export async function readPlainFile(
  path: string,
  calls: SystemCalls = systemCalls,
  check: (place: string | undefined) => void = () => undefined,
): Promise<Buffer> {
  const file = await calls.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Fault('FILE_INVALID', `${path.split('/').at(-1)} is no plain file.`);
    check(await file.place());
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** A name for something unfinished. It tells when it was made; what a crash left behind is swept by it. */
export function temporaryName(): string {
  return `.${createId()}${TEMPORARY_SUFFIX}`;
}

/** Writes all of the bytes at a position, however many the system takes at a time. */
export async function writeAll(
  file: Pick<Awaited<ReturnType<SystemCalls['open']>>, 'write'>,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    done += bytesWritten;
  }
}

/** A path without links: the real one of its longest part that exists, and the rest as given. Says whether that is all of it. */
export async function nearestReal(calls: SystemCalls, full: string): Promise<{ real: string; exists: boolean }> {
  for (let at = full; ; at = path.dirname(at)) {
    try {
      const real = await calls.realpath(at);
      return { real: path.join(real, path.relative(at, full)), exists: at === full };
    } catch (error) {
      if (!isMissingFile(error) || at === path.dirname(at)) throw error;
    }
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isSystemError(error, 'ENOENT')) throw error;
}
