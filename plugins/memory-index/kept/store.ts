import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { About, Change } from './changes.ts';
import { DamagedFrames, readFrames } from './frames.ts';
import { ChangeJournal } from './journal.ts';
import { capture, writeSnapshot } from './snapshot.ts';
import { State } from './state.ts';

const LONG = 4 * 2 ** 20;

export interface StorePlace {
  readonly folder: string;
  /** Names how things are kept; what names another is thrown away. */
  readonly format: string;
  readonly damaged: (what: string) => void;
  /** A snapshot is due when the journal has more bytes than this, and than a quarter of the last snapshot. 4 MB when absent. */
  readonly long?: number;
}

interface Kept {
  readonly snapshots: readonly number[];
  readonly journals: readonly number[];
}

/**
 * Where an index is kept: `<n>.snapshot`, all there was when it was made, and `<n>.journal`, what changed since. While snapshot n + 1 is
 * written, changes go to journal n + 1, and what is older stays until it is whole: a crash at any instant loses nothing.
 */
export class Store {
  readonly #place: StorePlace;
  #journal: ChangeJournal;
  #generation: number;
  #snapshotBytes: number;
  #writing: Promise<void> | undefined;

  private constructor(place: StorePlace, journal: ChangeJournal, generation: number, snapshotBytes: number) {
    this.#place = place;
    this.#journal = journal;
    this.#generation = generation;
    this.#snapshotBytes = snapshotBytes;
  }

  /** Reads what is kept. What cannot be read is thrown away. */
  static async open(place: StorePlace): Promise<{ readonly store: Store; readonly state: State }> {
    await mkdir(place.folder, { recursive: true });
    try {
      return await readStore(place);
    } catch (error) {
      place.damaged(
        `What was kept in ${place.folder} is thrown away: ${error instanceof Error ? error.message : String(error)}.`,
      );
      await removeFiles(place.folder, () => true);
      return readStore(place);
    }
  }

  /** What `open` reads, for the class alone. */
  static of(place: StorePlace, journal: ChangeJournal, generation: number, snapshotBytes: number): Store {
    return new Store(place, journal, generation, snapshotBytes);
  }

  get #long(): number {
    return this.#place.long ?? LONG;
  }

  /** One at a time. It is kept when this answers. */
  append(change: Change, bytes?: Uint8Array): Promise<void> {
    return this.#journal.append(change, bytes);
  }

  /** Begins a snapshot when the journal has become long; not while something is appended. Answers before that is written. */
  async tidy(state: State): Promise<void> {
    if (this.#writing || this.#journal.bytes < this.#long + this.#snapshotBytes / 4) return;
    await this.#beginSnapshot(state);
  }

  async #beginSnapshot(state: State): Promise<void> {
    const { folder, format, damaged } = this.#place;
    const next = this.#generation + 1;
    const journal = await ChangeJournal.open(path.join(folder, `${next}.journal`), 0);
    await journal.append({ kind: 'begin', format });
    await this.#journal.close();
    this.#journal = journal;
    this.#generation = next;
    const about: About = { entries: state.rows.size, vectors: state.vectors.size, model: state.vectors.model };
    this.#writing = writeSnapshot(path.join(folder, `${next}.snapshot`), format, about, capture(state))
      .then(async (size) => {
        this.#snapshotBytes = size;
        await removeFiles(folder, (generation) => generation < next);
      })
      .catch((error: unknown) => damaged(`A snapshot could not be written in ${folder}: ${String(error)}.`))
      .finally(() => (this.#writing = undefined));
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    await this.#writing;
    await this.#journal.close();
    await removeFiles(this.#place.folder, () => true);
    this.#journal = await begin(this.#place, 1);
    this.#generation = 1;
    this.#snapshotBytes = 0;
  }

  /** A long journal becomes a snapshot, so that it opens fast. */
  async close(state: State): Promise<void> {
    await this.#writing;
    if (this.#journal.bytes >= this.#long) await this.#beginSnapshot(state).catch(() => undefined);
    await this.#writing;
    await this.#journal.close();
  }
}

/** What the newest snapshot in a folder says of itself; undefined when there is none. */
export async function aboutIn(folder: string): Promise<About | undefined> {
  const newest = (await listFiles(folder)).snapshots.at(-1);
  if (newest === undefined) return undefined;
  for await (const { value } of readFrames(path.join(folder, `${newest}.snapshot`)))
    return (value as { about?: About }).about;
  return undefined;
}

async function readStore(place: StorePlace): Promise<{ store: Store; state: State }> {
  const { snapshots, journals } = await listFiles(place.folder);
  const state = new State();
  const snapshot = snapshots.at(-1);
  const file = (generation: number, kind: string): string => path.join(place.folder, `${generation}.${kind}`);
  let snapshotBytes = 0;
  if (snapshot !== undefined) snapshotBytes = await readInto(state, file(snapshot, 'snapshot'), place.format);
  const later = journals.filter((generation) => generation >= (snapshot ?? 1));
  const isWhole =
    later.every((generation, at) => generation === (snapshot ?? 1) + at) &&
    (snapshot !== undefined || journals[0] === later[0]);
  if (!isWhole) throw new Error('a file is missing');
  for (const generation of later.slice(0, -1)) await readInto(state, file(generation, 'journal'), place.format);
  const last = later.at(-1);
  if (last === undefined) {
    const first = snapshot ?? 1;
    return { store: Store.of(place, await begin(place, first), first, snapshotBytes), state };
  }
  const good = await readTorn(state, file(last, 'journal'), place);
  const journal = good === 0 ? await begin(place, last) : await ChangeJournal.open(file(last, 'journal'), good);
  return { store: Store.of(place, journal, last, snapshotBytes), state };
}

async function begin({ folder, format }: StorePlace, generation: number): Promise<ChangeJournal> {
  const journal = await ChangeJournal.open(path.join(folder, `${generation}.journal`), 0);
  await journal.append({ kind: 'begin', format });
  return journal;
}

/** Carries out all changes of a file; gives how many bytes they are. Throws when it was written another way, or a snapshot has no end. */
async function readInto(state: State, file: string, format: string): Promise<number> {
  let last: Change | undefined;
  let size = 0;
  for await (const { value, bytes, end } of readFrames(file)) {
    const change = value as Change;
    if (!last && (change.kind !== 'begin' || change.format !== format)) throw new Error('it was written another way');
    state.apply(change, bytes);
    last = change;
    size = end;
  }
  if (file.endsWith('.snapshot') && last?.kind !== 'end') throw new Error('a snapshot has no end');
  return size;
}

/** The same of a journal whose end a crash may have spoiled; gives how many bytes are good. */
async function readTorn(state: State, file: string, { format, damaged }: StorePlace): Promise<number> {
  try {
    return await readInto(state, file, format);
  } catch (error) {
    if (!(error instanceof DamagedFrames)) throw error;
    damaged(`${error.message}; the rest of it is thrown away.`);
    return error.goodBytes;
  }
}

async function listFiles(folder: string): Promise<Kept> {
  const names = await readdir(folder).catch(() => []);
  const numbers = (ending: string): number[] =>
    names
      .flatMap((name) => (name.endsWith(ending) ? [Number(name.slice(0, -ending.length))] : []))
      .filter((number) => Number.isSafeInteger(number) && number > 0)
      .toSorted((a, b) => a - b);
  return { snapshots: numbers('.snapshot'), journals: numbers('.journal') };
}

async function removeFiles(folder: string, isOld: (generation: number) => boolean): Promise<void> {
  const { snapshots, journals } = await listFiles(folder);
  const names = [
    ...journals.map((number) => [number, 'journal'] as const),
    ...snapshots.map((number) => [number, 'snapshot'] as const),
  ];
  for (const [number, kind] of names)
    if (isOld(number)) await rm(path.join(folder, `${number}.${kind}`), { force: true });
}
