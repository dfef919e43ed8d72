import path from 'node:path';
import { foldName, foldPath } from '../files/fold-name.ts';
import { isGitName } from '../files/git/paths.ts';
import { TEMPORARY_SUFFIX } from '../files/store-path.ts';

/** A file of a tree: where it lies and what git says it is. */
export interface TreeEntry {
  readonly path: string;
  /** 100644, 100755, 120000 (a link) or 160000 (a submodule). */
  readonly mode: string;
}

/** What a tree may not have, and where. */
export interface Refusal {
  readonly file: string;
  readonly message: string;
}

const LINK = '120000';
const SUBMODULE = '160000';
/** Bytes of a name: a file is written under a longer temporary one, and file systems hold 255. */
const LONGEST_NAME = 200;
const LONGEST_PATH = 1_000;
/** What the server keeps in a bot's folder, or once kept there: never a part of its program. */
const KEPT = new Set(['memory', 'conversations', 'files']);
/** A bot may write beside these, not into them; a link would be a way round. */
const SEALED = /^(soul\.md|identity\.md|user\.md|bot\.yaml|(personas|prompts|hooks|tools)(\/|$))/;
const DIARY = /^diary\/\d{4}-\d{2}-\d{2}\.md$/;
const DAY_FILE = /^\d{4}-\d{2}-\d{2}(\.\d+)?\/[A-Za-z0-9][\w-]{0,99}\.json$/;

/**
 * What of a pushed tree is refused, one sentence each. `targets` are the texts of its links. The whole tree is judged, as it
 * would lie on any disk: one that folds case, one that ignores some characters, one that knows short names.
 */
export function checkTree(entries: readonly TreeEntry[], targets: ReadonlyMap<string, string>): Refusal[] {
  const tree = new Tree(entries);
  return [
    ...entries.flatMap(({ path: file, mode }) => judge(file, [nameTrouble(file), topTrouble(file), modeTrouble(mode)])),
    ...tree.clashes(),
    ...entries
      .filter(({ mode }) => mode === LINK)
      .flatMap(({ path: file }) => judge(file, [linkTrouble(file, targets.get(file), tree)])),
  ];
}

/** What of a pushed memory is refused: everything but plain JSON files in folders of a day, and the diary. */
export function checkMemoryTree(entries: readonly TreeEntry[]): Refusal[] {
  return entries.flatMap(({ path: file, mode }) =>
    (DAY_FILE.test(file) || DIARY.test(file)) && mode === '100644'
      ? []
      : [
          {
            file,
            message:
              'does not belong in a memory; it holds plain files <yyyy-mm-dd>/<id>.json and diary/<yyyy-mm-dd>.md, and nothing else',
          },
        ],
  );
}

function judge(file: string, troubles: readonly (string | undefined)[]): Refusal[] {
  const message = troubles.find((trouble) => trouble !== undefined);
  return message === undefined ? [] : [{ file, message }];
}

function nameTrouble(file: string): string | undefined {
  if (Buffer.byteLength(file) > LONGEST_PATH) return `has a path longer than ${LONGEST_PATH} bytes`;
  for (const name of file.split('/')) {
    if (name === '' || name === '.' || name === '..') return 'has a part "", "." or ".." in its path';
    if (Buffer.byteLength(name) > LONGEST_NAME) return `has a name longer than ${LONGEST_NAME} bytes`;
    if (name.includes('\uFFFD')) return 'has a name that is not UTF-8';
    if (/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u.test(name)) return 'has a control character in its name';
    if (name.includes('\\')) return 'has a backslash in its name';
    if (name.endsWith(TEMPORARY_SUFFIX)) return `ends in ${TEMPORARY_SUFFIX}, which marks files that are being written`;
    if (isGitName(name) || isModulesName(name))
      return 'has a name that belongs to git itself, in one spelling or another';
    if (isReserved(name)) return 'has a name that not every system can have';
  }
  return undefined;
}

/** `.gitmodules`, and the short names that a disk of the old kind makes of names that begin like it. */
function isModulesName(name: string): boolean {
  return /^(\.gitmodules|gi[a-z0-9]{0,4}~\d+)$/.test(foldName(foldName(name).split(':')[0] ?? ''));
}

/** Names of devices, and ends that some systems cut off. */
function isReserved(name: string): boolean {
  return /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i.test(name) || /[ .]$/.test(name);
}

function topTrouble(file: string): string | undefined {
  const [top = ''] = file.split('/');
  const kept = foldName(top.split(':')[0] ?? '');
  return KEPT.has(kept) ? `lies in ${kept}/, which is kept by the server and is no part of what is pushed` : undefined;
}

function modeTrouble(mode: string): string | undefined {
  if (mode === SUBMODULE) return 'is a submodule; put its files into the repository';
  if (mode === LINK || mode === '100644' || mode === '100755') return undefined;
  return `has the mode ${mode}, which is no plain file`;
}

function linkTrouble(file: string, target: string | undefined, tree: Tree): string | undefined {
  if (target === undefined || target === '' || /[\0\\\uFFFD]/.test(target)) return 'is a link that leads nowhere';
  if (target.startsWith('/') || /^[a-z]:/i.test(target)) return 'is a link with an absolute path; give a relative one';
  if (/^\.git(attributes|ignore)$/.test(foldName(path.posix.basename(file)))) return 'must be a plain file, not a link';
  const place = path.posix.join(path.posix.dirname(file), target).replace(/\/$/, '');
  if (place === '..' || place.startsWith('../')) return `is a link that leaves the bot's folder: ${target}`;
  const through = tree.linkOnTheWay(path.posix.dirname(file), target);
  if (through !== undefined) return `is a link that goes through another link, ${through}`;
  if (place === '.' || !tree.has(place)) return `is a link to ${target}, which is no file or folder of the push`;
  const sealed = [file, place].find((name) => SEALED.test(foldPath(name)));
  if (sealed !== undefined) return `is a link from or to ${sealed}, which must be a plain file of its own`;
  return undefined;
}

/** The files of a tree and the folders above them. */
class Tree {
  readonly #entries: readonly TreeEntry[];
  readonly #links: ReadonlySet<string>;
  readonly #places = new Set<string>();

  constructor(entries: readonly TreeEntry[]) {
    this.#entries = entries;
    this.#links = new Set(entries.filter(({ mode }) => mode === LINK).map((entry) => entry.path));
    for (const { path: file } of entries) for (const place of upTo(file)) this.#places.add(place);
  }

  has(place: string): boolean {
    return this.#places.has(place);
  }

  /** The first link that a walk along `target` meets, its end included. */
  linkOnTheWay(from: string, target: string): string | undefined {
    let at = from;
    for (const step of target.split('/')) {
      at = path.posix.join(at, step);
      if (this.#links.has(at)) return at;
    }
    return undefined;
  }

  /** Files that would be one on some disk, and files where another needs a folder. */
  clashes(): Refusal[] {
    const refusals: Refusal[] = [];
    const files = new Set<string>();
    for (const { path: file } of this.#entries) {
      if (files.has(file)) refusals.push({ file, message: 'is there twice' });
      files.add(file);
    }
    const folded = new Map<string, string>();
    const known = new Map<string, string>();
    for (const place of this.#places) {
      const above = path.posix.dirname(place);
      const form = `${folded.get(above) ?? ''}/${foldName(path.posix.basename(place))}`;
      folded.set(place, form);
      const other = known.get(form);
      if (other === undefined) known.set(form, place);
      else
        refusals.push({ file: place, message: `is the same name as ${other} on disks that fold case or characters` });
      if (files.has(above)) refusals.push({ file: above, message: `is a file where ${place} needs a folder` });
    }
    return refusals;
  }
}

/** The folders above a file, outermost first, and the file. */
function upTo(file: string): string[] {
  const parts = file.split('/');
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}
