import { Fault } from '../base/fault.ts';

/** Ends of the names of files that are being written. They are never listed, watched or served. */
export const TEMPORARY_SUFFIX = '.bnity-tmp';
/** Longest name of one file or folder, in bytes of UTF-8: what every usual file system takes. */
const MOST_BYTES = 255;

/**
 * The path without empty parts. Throws PATH_REFUSED on `..`, `.`, an absolute path, a backslash, a NUL, half a character, a name
 * over 255 bytes, and a name that ends as temporary files do.
 */
export function storePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  if (path.startsWith('/') || !path.isWellFormed() || !parts.every(isName)) {
    throw new Fault('PATH_REFUSED', `The path ${JSON.stringify(path.slice(0, 200))} is not allowed.`);
  }
  return parts.join('/');
}

function isName(part: string): boolean {
  if (part === '..' || part === '.' || /[\\\0]/.test(part) || part.endsWith(TEMPORARY_SUFFIX)) return false;
  return part.length <= MOST_BYTES && Buffer.byteLength(part) <= MOST_BYTES;
}
