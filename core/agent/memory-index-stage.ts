import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { IndexEntry, IndexPlace, OpenIndex } from './memory-index.ts';

/** An engine as the contract tries it. */
export interface MemoryIndexUnderTest {
  readonly open: (place: IndexPlace) => Promise<OpenIndex>;
  /** A module that exports the same `open`, for a child process that is killed. */
  readonly module: URL;
}

/** A folder for one test, and the index in it. */
export interface IndexStage extends AsyncDisposable {
  readonly place: IndexPlace;
  readonly index: OpenIndex;
  /** What was said to be thrown away. */
  readonly damages: readonly string[];
  /** Closes the index and opens it again. */
  reopen(): Promise<OpenIndex>;
}

export async function stageIndex({ open }: Pick<MemoryIndexUnderTest, 'open'>): Promise<IndexStage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'boternity-index-'));
  const damages: string[] = [];
  const place: IndexPlace = { folder, analyse, analyser: 'contract', damaged: (what) => damages.push(what) };
  let index = await open(place);
  return {
    place,
    damages,
    get index() {
      return index;
    },
    async reopen() {
      await index[Symbol.asyncDispose]();
      return (index = await open(place));
    },
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function analyse(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

export function entryOf(id: string, text: string, rest: Partial<IndexEntry> = {}): IndexEntry {
  return { id, source: `memory/${id}.json`, stamp: 'a1', at: 1_000, importance: 3, uses: 0, text, ...rest };
}

export function termsOf(text: string): { word: string }[] {
  return analyse(text).map((word) => ({ word }));
}
