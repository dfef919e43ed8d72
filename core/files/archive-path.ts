import { invalid } from './tar-header.ts';

/** Bytes of a path and of one name in it, and how deep it may lie. */
const MAX_PATH = 1024;
const MAX_NAME = 255;
const MAX_DEPTH = 40;

/**
 * The path of an entry as it may be used: relative, plain names, no step up. Throws ARCHIVE_INVALID that names what is wrong. Answers
 * the empty string for the root itself.
 */
export function archivePath(given: string): string {
  const shown = JSON.stringify(given.slice(0, 120));
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001F\u007F]/.test(given)) throw invalid(`holds ${shown}, a name with control characters`);
  if (/^\/|^[a-z]:/i.test(given)) throw invalid(`holds ${shown}, a path that begins at a root`);
  if (given.includes('\\')) throw invalid(`holds ${shown}, a name with a backslash`);
  const names = given
    .replace(/^(\.\/)+/, '')
    .replace(/\/$/, '')
    .split('/');
  if (names.length === 1 && (names[0] === '' || names[0] === '.')) return '';
  if (names.includes('..')) throw invalid(`holds ${shown}, a path that leaves its folder`);
  if (names.some((name) => name === '' || name === '.')) throw invalid(`holds ${shown}, a path with an empty name`);
  const isLong = Buffer.byteLength(given) > MAX_PATH || names.some((name) => Buffer.byteLength(name) > MAX_NAME);
  if (isLong || names.length > MAX_DEPTH) throw invalid(`holds ${shown}, a path that is too long`);
  return names.join('/');
}

/** Names as the least careful file system compares them. */
function fold(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[. ]+$/, '');
}

interface Level {
  readonly name: string;
  readonly taken: Map<string, 'file' | 'folder'>;
}

/**
 * Sees that no two entries have one name, also where upper and lower case or two spellings of a letter are the same. It remembers
 * only the folders it is in: the entries of a folder have to stand together, as every packer writes them.
 */
export class ArchiveNames {
  readonly #root: Level = { name: '', taken: new Map() };
  readonly #open: Level[] = [];

  add(path: string, kind: 'file' | 'folder'): void {
    const names = path.split('/');
    const last = names.pop() ?? '';
    let depth = 0;
    while (depth < names.length && this.#open[depth]?.name === names[depth]) depth += 1;
    if (kind === 'folder' && depth === names.length && this.#open[depth]?.name === last) return;
    this.#open.length = depth;
    for (const name of names.slice(depth)) this.#enter(name, path);
    if (kind === 'folder') this.#enter(last, path);
    else this.#take(last, 'file', path);
  }

  #enter(name: string, path: string): void {
    this.#take(name, 'folder', path);
    this.#open.push({ name, taken: new Map() });
  }

  #take(name: string, kind: 'file' | 'folder', path: string): void {
    const { taken } = this.#open.at(-1) ?? this.#root;
    if (taken.has(fold(name)))
      throw invalid(`holds ${JSON.stringify(path.slice(0, 120))} twice, or two names that some systems take for one`);
    taken.set(fold(name), kind);
  }
}
