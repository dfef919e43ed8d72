import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { Fault } from '../../base/fault.ts';
import { FIXED, HEADER, pathAt, SIGNATURE, sumOf, type IndexChange, type IndexFile } from './index-file.ts';

const STEPS_BETWEEN_YIELDS = 50_000;
const CHANGES_BETWEEN_YIELDS = 5000;

/**
 * The bytes of an index with some paths changed (keys are bytes as Latin-1). `tree` is the tree that all entries then are, if
 * that is known. Throws GIT_MOVED when the index holds conflicts.
 */
export async function patchIndex(
  index: IndexFile,
  changes: ReadonlyMap<string, IndexChange>,
  tree: string | undefined,
): Promise<Buffer[]> {
  await smudgeYoung(index);
  const gone = new Set<number>();
  const steps: Step[] = [];
  let walked = 0;
  for (const [path, change] of [...changes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    walked += 1;
    if (walked % CHANGES_BETWEEN_YIELDS === 0) await yieldToOthers();
    const at = firstNotBelow(index, path);
    if (pathOf(index, at) === path) gone.add(at);
    if (!change) continue;
    steps.push({ at, entry: encodeEntry(path, change) });
    for (const other of replacedBy(index, path)) gone.add(other);
  }
  for (const at of gone) steps.push({ at, entry: undefined });
  // What is added stands before the entry in whose place it comes.
  steps.sort((a, b) => a.at - b.at || Number(!a.entry) - Number(!b.entry));
  const count = index.starts.length - gone.size + steps.filter(({ entry }) => entry).length;
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(SIGNATURE, 0);
  header.writeUInt32BE(index.version, 4);
  header.writeUInt32BE(count, 8);
  const pieces = [header, ...assemble(index, steps), ...(tree ? [encodeTreeExtension(count, tree)] : [])];
  return [...pieces, await sumOf(pieces)];
}

/** At an entry: one that is added before it, or none when it goes. */
interface Step {
  readonly at: number;
  readonly entry: Buffer | undefined;
}

function assemble(index: IndexFile, steps: readonly Step[]): Buffer[] {
  const pieces: Buffer[] = [];
  let kept = 0;
  for (const { at, entry } of steps) {
    const start = startOf(index, at);
    if (start > kept) pieces.push(index.entries.subarray(kept, start));
    kept = entry ? start : startOf(index, at + 1);
    if (entry) pieces.push(entry);
  }
  return [...pieces, index.entries.subarray(kept)];
}

/** Entries in whose place a path comes: a file where it has a folder, and all below a folder where it has a file. */
function* replacedBy(index: IndexFile, path: string): Generator<number> {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const above = path.slice(0, slash);
    const at = firstNotBelow(index, above);
    if (pathOf(index, at) === above) yield at;
  }
  const end = firstNotBelow(index, `${path}0`);
  for (let at = firstNotBelow(index, `${path}/`); at < end; at += 1) yield at;
}

/** The first entry whose path is not smaller. */
function firstNotBelow({ entries, starts }: IndexFile, path: string): number {
  const wanted = Buffer.from(path, 'latin1');
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { from, to } = pathAt(entries, starts[middle] ?? 0);
    if (entries.compare(wanted, 0, wanted.length, from, to) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pathOf({ entries, starts }: IndexFile, at: number): string | undefined {
  const start = starts[at];
  if (start === undefined) return undefined;
  const { from, to } = pathAt(entries, start);
  return entries.toString('latin1', from, to);
}

function startOf({ entries, starts }: IndexFile, at: number): number {
  return starts[at] ?? entries.length;
}

/** An entry not older than the index may hide a change of the same moment: without its size git looks into the file. */
async function smudgeYoung({ entries, starts, writtenNs }: IndexFile): Promise<void> {
  const seconds = Number(writtenNs / 1_000_000_000n);
  const rest = Number(writtenNs % 1_000_000_000n);
  for (let number = 0; number < starts.length; number += 1) {
    if (number % STEPS_BETWEEN_YIELDS === STEPS_BETWEEN_YIELDS - 1) await yieldToOthers();
    const at = starts[number] ?? 0;
    if (((entries[at + 60] ?? 0) & 0x30) !== 0) {
      throw new Fault('GIT_MOVED', 'The index holds conflicts that are not resolved.');
    }
    const modified = entries.readUInt32BE(at + 8);
    const isYoung = modified > seconds || (modified === seconds && entries.readUInt32BE(at + 12) >= rest);
    if (isYoung) entries.writeUInt32BE(0, at + 36);
  }
}

/** The root alone: its folders are worked out by git when it needs them. */
function encodeTreeExtension(count: number, tree: string): Buffer {
  const content = Buffer.concat([Buffer.from(`\0${count} 0\n`), Buffer.from(tree, 'hex')]);
  const header = Buffer.from('TREE\0\0\0\0');
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

function encodeEntry(path: string, { mode, id, stat }: NonNullable<IndexChange>): Buffer {
  const entry = Buffer.alloc(Math.ceil((FIXED + path.length + 1) / 8) * 8);
  const put = (value: bigint, at: number): void => void entry.writeUInt32BE(Number(value & 0xffffffffn), at);
  if (stat) {
    put(stat.ctimeNs / 1_000_000_000n, 0);
    put(stat.ctimeNs % 1_000_000_000n, 4);
    put(stat.mtimeNs / 1_000_000_000n, 8);
    put(stat.mtimeNs % 1_000_000_000n, 12);
    put(stat.dev, 16);
    put(stat.ino, 20);
    put(stat.uid, 28);
    put(stat.gid, 32);
    put(stat.size, 36);
  }
  entry.writeUInt32BE(Number.parseInt(mode, 8), 24);
  entry.write(id, 40, 'hex');
  entry.writeUInt16BE(Math.min(path.length, 0xfff), 60);
  entry.write(path, FIXED, 'latin1');
  return entry;
}
