import { Fault } from '../base/fault.ts';

/** Ends of the names of files that are being written. They are never listed, watched or served. */
export const TEMPORARY_SUFFIX = '.bnity-tmp';

/** The path without empty parts. Throws PATH_REFUSED on `..`, `.`, an absolute path, a backslash or a NUL. */
export function storePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  if (path.startsWith('/') || parts.some((part) => part === '..' || part === '.' || /[\\\0]/.test(part))) {
    throw new Fault('PATH_REFUSED', `The path ${JSON.stringify(path.slice(0, 200))} is not allowed.`);
  }
  return parts.join('/');
}
