import { createHash, type Hash } from 'node:crypto';
import { noLimits, readArchive, Fault, type ArchiveEntry } from 'boternity';
import { HEAD, readHead, sumLine, SUMS, type Head } from './format.ts';

export interface CheckedBackup {
  readonly head: Head;
  readonly files: number;
  readonly bytes: number;
  readonly bots: readonly string[];
  /** Whether it holds secrets, which need their key. */
  readonly hasVault: boolean;
}

export interface CheckOptions {
  /** Opens the archive from its begin. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** Takes the content of each file; gives it on when absent it is only read. */
  readonly take?: (entry: ArchiveEntry, content: AsyncIterable<Buffer>) => Promise<void>;
  readonly onProgress?: (files: number, bytes: number) => void;
}

/**
 * Reads a backup from end to end and holds every byte of it against its sums. Throws ARCHIVE_INVALID that names what is wrong. What was
 * taken before that is not to be used.
 */
export async function checkBackup({ open, take, onProgress }: CheckOptions): Promise<CheckedBackup> {
  const lines = createHash('sha256');
  const bots = new Set<string>();
  let head: Head | undefined;
  let isSummed = false;
  let hasVault = false;
  let files = 0;
  let bytes = 0;
  for await (const entry of readArchive(open(), noLimits)) {
    if (entry.kind === 'folder') continue;
    if (entry.kind !== 'file') throw invalid(`holds ${entry.path}, a link or a device, which no backup has`);
    if (isSummed) throw invalid(`holds ${entry.path} behind its sums`);
    if (!head) {
      if (entry.path !== HEAD) throw new Fault('ARCHIVE_INVALID', 'The archive is no backup of a home.');
      head = readHead((await textOf(entry)).toString());
      continue;
    }
    const hash = createHash('sha256');
    if (entry.path === SUMS) {
      for await (const piece of entry.content) hash.update(piece);
      if (hash.digest('hex') !== lines.digest('hex')) throw await firstDifference(open);
      isSummed = true;
      continue;
    }
    await (take ?? skip)(entry, hashed(entry.content, hash));
    lines.update(sumLine(hash.digest('hex'), entry.path));
    files += 1;
    bytes += entry.bytes;
    if (files % 500 === 0) onProgress?.(files, bytes);
    hasVault ||= entry.path === '.boternity/vault.json';
    const slug = /^bots\/([^/]+)\//.exec(entry.path)?.[1];
    if (slug !== undefined) bots.add(slug);
  }
  if (!head) throw invalid('holds nothing');
  if (!isSummed) throw invalid('has no sums at its end');
  return { head, files, bytes, bots: [...bots].toSorted(), hasVault };
}

async function* hashed(content: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
}

async function skip(_entry: ArchiveEntry, content: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of content);
}

async function textOf({ content, bytes }: ArchiveEntry): Promise<Buffer> {
  if (bytes > 64 * 1024) throw new Fault('ARCHIVE_INVALID', 'The archive is no backup of a home.');
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Which file is not what the sums say. Reads the archive twice more, which only a damaged one costs. */
async function firstDifference(open: () => AsyncIterable<Uint8Array>): Promise<Fault> {
  const said: string[] = [];
  for await (const entry of readArchive(open(), noLimits)) {
    if (entry.path !== SUMS) continue;
    const pieces: Buffer[] = [];
    for await (const piece of entry.content) pieces.push(Buffer.from(piece));
    said.push(
      ...Buffer.concat(pieces)
        .toString()
        .split(/(?<=\n)/),
    );
  }
  let at = 0;
  for await (const entry of readArchive(open(), noLimits)) {
    if (entry.path === HEAD) continue;
    if (entry.path === SUMS) return invalid(`lacks a file: ${said[at]?.slice(66).trim()}`);
    const hash = createHash('sha256');
    for await (const piece of entry.content) hash.update(piece);
    if (said[at] !== sumLine(hash.digest('hex'), entry.path))
      return invalid(`holds ${entry.path} with other content than its sums say`);
    at += 1;
  }
  return invalid('does not agree with its sums');
}

function invalid(why: string): Fault {
  return new Fault('ARCHIVE_INVALID', `The backup ${why}.`);
}
