import { createHash } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';

export type ObjectKind = 'blob' | 'tree' | 'commit' | 'tag';

export interface GitObject {
  readonly kind: ObjectKind;
  readonly content: Buffer;
}

/** An object with its name, the SHA-1 of header and content. */
export interface NamedObject extends GitObject {
  readonly id: string;
}

/** An entry of a tree. `name` holds the bytes of the name as Latin-1, so that any name survives. */
export interface TreeEntry {
  readonly name: string;
  /** Octal as git writes it: `100644`, `40000`. */
  readonly mode: string;
  readonly id: string;
}

/** What commits say about themselves; dates in seconds since 1970. */
export interface CommitFields {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly seconds: number;
}

export const TREE_MODE = '40000';
/** The tree without entries; git knows it without having it. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** How much is hashed in one go: about a millisecond. */
const HASH_PIECE = 1 << 20;

export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

export function headerOf(kind: ObjectKind, size: number): string {
  return `${kind} ${size}\0`;
}

/** Names an object without holding up others while a large one is hashed. */
export async function nameObject(kind: ObjectKind, content: Buffer): Promise<NamedObject> {
  const hash = createHash('sha1').update(headerOf(kind, content.length));
  for (let at = 0; at < content.length; at += HASH_PIECE) {
    if (at > 0) await yieldToOthers();
    hash.update(content.subarray(at, at + HASH_PIECE));
  }
  return { id: hash.digest('hex'), kind, content };
}

/** Entries of a tree, in its order. Throws on a tree that is cut off. */
export function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > content.length) throw new Error('A tree is cut off.');
    entries.push({
      mode: content.toString('latin1', at, space),
      name: content.toString('latin1', space + 1, end),
      id: content.toString('hex', end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}

/** The bytes of a tree; sorts the entries as git does, folders as if their names ended in a slash. */
export function encodeTree(entries: Iterable<TreeEntry>): Buffer {
  const keyed = Array.from(entries, (entry) => ({ entry, key: isFolder(entry) ? `${entry.name}/` : entry.name }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  return Buffer.concat(
    keyed.flatMap(({ entry }) => [
      Buffer.from(`${entry.mode} ${entry.name}\0`, 'latin1'),
      Buffer.from(entry.id, 'hex'),
    ]),
  );
}

export function isFolder(entry: TreeEntry): boolean {
  return entry.mode === TREE_MODE || entry.mode === '040000';
}

export function encodeCommit(fields: CommitFields): Buffer {
  const sign = ({ name, email, seconds }: Signature): string => `${name} <${email}> ${seconds} +0000`;
  const lines = [
    `tree ${fields.tree}`,
    ...fields.parents.map((parent) => `parent ${parent}`),
    `author ${sign(fields.author)}`,
    `committer ${sign(fields.committer)}`,
    '',
    fields.message,
  ];
  return Buffer.from(lines.join('\n'));
}

export function parseCommit(content: Buffer): CommitFields {
  const text = content.toString();
  const end = text.indexOf('\n\n');
  const lines = (end < 0 ? text : text.slice(0, end)).split('\n');
  const value = (key: string): string | undefined =>
    lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
  const tree = value('tree');
  if (!tree || !isObjectId(tree)) throw new Error('A commit names no tree.');
  const author = parseSignature(value('author') ?? '');
  return {
    tree,
    parents: lines.filter((line) => /^parent [0-9a-f]{40}$/.test(line)).map((line) => line.slice(7)),
    author,
    committer: parseSignature(value('committer') ?? ''),
    message: end < 0 ? '' : text.slice(end + 2),
  };
}

function parseSignature(line: string): Signature {
  const found = /^(.*?) ?<([^>]*)>(?: (\d{1,12}))?/.exec(line);
  return { name: found?.[1] ?? '', email: found?.[2] ?? '', seconds: Number(found?.[3] ?? 0) };
}

/** A path for people from the bytes that git keeps. */
export function toPath(latin1: string): string {
  return isAscii(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString();
}

/** The bytes of a path, one character each. */
export function toBytes(path: string): string {
  return isAscii(path) ? path : Buffer.from(path).toString('latin1');
}

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /^[\0-\x7f]*$/.test(text);
}
