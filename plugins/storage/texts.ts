import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, type Bots, type Home, type MemoryIndex, type Term, type WordHit } from 'boternity';
import type { DocumentReader } from './extract/reader.ts';
import type { Part } from './extract/reading.ts';
import { Shelf, type Known } from './shelf.ts';
import type { StoredFiles } from './stored-files.ts';
import type { FoundFile } from './versioned-folder.ts';

/** How long a search waits for files that are being read, in milliseconds. */
const PATIENCE_MS = 8_000;
/** Bots whose texts are kept in mind. */
const MOST_SHELVES = 200;
/** Hits that have less of the query than this are about something else. */
const LEAST_COVERED = 0.25;

/** What the plugin needs of the indexes of the house. */
export interface Indexes {
  of(key: string): MemoryIndex;
  remove(key: string): Promise<void>;
  /** The words of a query. */
  analyseQuery(text: string): Term[];
}

interface Options {
  readonly bots: Bots;
  readonly home: Home;
  readonly files: StoredFiles;
  readonly reader: DocumentReader;
  readonly indexes: Indexes;
}

/** A passage that fits a query. */
export interface Passage extends Part {
  readonly file: string;
  /** Number of the passage in its file, from 1. */
  readonly part: number;
  /** Higher is better; comparable within one answer. */
  readonly score: number;
  /** Which part of the query it has, each word by its rarity: 0 to 1. */
  readonly covered: number;
}

export interface Found {
  readonly passages: Passage[];
  /** Files that are still being read. */
  readonly waiting: string[];
}

/** The texts of all bots' files, searched each bot by itself. Bots are named by id. */
export class Texts {
  readonly #options: Options;
  readonly #shelves = new Map<string, Shelf>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Looks what lies in the folder of a bot and has it read; gives the files. */
  async follow(bot: string): Promise<readonly FoundFile[]> {
    const { files } = await this.#options.files.look(bot);
    if (files.length > 0 || this.#shelves.has(bot)) await this.#shelfOf(bot).follow(files);
    return files;
  }

  /** What is known of the text of a file; undefined while it waits. */
  known(bot: string, file: FoundFile): Known | undefined {
    return this.#shelfOf(bot).known(file);
  }

  async search(bot: string, query: string, limit: number): Promise<Found> {
    await this.follow(bot);
    const shelf = this.#shelfOf(bot);
    await this.#patient(shelf);
    const hits = await this.#hits(bot, query, limit);
    const passages = await Promise.all(hits.map((hit) => this.#passage(shelf, hit)));
    return { passages: passages.filter((passage) => passage !== undefined), waiting: shelf.waiting };
  }

  /** The passages of a file. Throws FILE_MISSING, and TEXT_MISSING where there is no text to be had. */
  async partsOf(bot: string, name: string): Promise<{ parts: readonly Part[]; known: Known }> {
    await this.#options.files.find(bot, name);
    await this.follow(bot);
    const shelf = this.#shelfOf(bot);
    await this.#patient(shelf);
    const known = shelf.known(await this.#options.files.find(bot, name));
    if (!known) throw new Fault('TEXT_MISSING', `"${name}" is still being read. Try again in a moment.`);
    const reading = known.state === 'none' ? undefined : await shelf.reading(name, known.sha256);
    if (!reading || reading.parts.length === 0)
      throw new Fault(
        'TEXT_MISSING',
        `There is no text of "${name}". ${known.problem ?? 'It is of a kind that holds none.'}`,
      );
    return { parts: reading.parts, known };
  }

  /** Forgets bots that are gone, with what was derived from their files. */
  async forgetOthers(bots: ReadonlySet<string>): Promise<void> {
    const kept = await readdir(path.dirname(this.#folder('any'))).catch(() => []);
    for (const bot of new Set([...this.#shelves.keys(), ...kept])) {
      if (bots.has(bot)) continue;
      const shelf = this.#shelves.get(bot);
      this.#shelves.delete(bot);
      await shelf?.close();
      await this.#options.indexes.remove(keyOf(bot));
      await rm(this.#folder(bot), { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#shelves.values(), (shelf) => shelf.close()));
  }

  async #patient(shelf: Shelf): Promise<void> {
    const late = new AbortController();
    const rest = sleep(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([shelf.settled(), rest]);
    late.abort();
  }

  /** By the words as they are written, and only where these find too little by words that differ by a slip. */
  async #hits(bot: string, query: string, limit: number): Promise<WordHit[]> {
    const { indexes } = this.#options;
    const terms = indexes.analyseQuery(query);
    if (terms.length === 0) return [];
    const index = indexes.of(keyOf(bot));
    const good = (hits: readonly WordHit[]): WordHit[] => hits.filter(({ covered }) => covered >= LEAST_COVERED);
    const exact = good(await index.words(terms, { limit }));
    if (exact.length > 0) return exact;
    return good(await index.words(terms, { limit, similar: true }));
  }

  async #passage(shelf: Shelf, { entry, score, covered }: WordHit): Promise<Passage | undefined> {
    const known = shelf.knownAs(entry.source);
    if (known?.sha256 !== entry.stamp) return undefined;
    const reading = await shelf.reading(entry.source, entry.stamp).catch(() => undefined);
    const part = reading?.parts[entry.at];
    return part && { file: entry.source, part: entry.at + 1, score, covered, ...part };
  }

  #shelfOf(bot: string): Shelf {
    const { files, reader, indexes, home } = this.#options;
    let shelf = this.#shelves.get(bot);
    if (!shelf) {
      shelf = new Shelf({
        folder: this.#folder(bot),
        index: () => indexes.of(keyOf(bot)),
        reader,
        placeOf: (name) => path.join(files.folder(bot).path, name),
        log: home.log.with({ bot }),
      });
    }
    // The one that was used last stands last.
    this.#shelves.delete(bot);
    this.#shelves.set(bot, shelf);
    this.#makeRoom();
    return shelf;
  }

  #makeRoom(): void {
    if (this.#shelves.size <= MOST_SHELVES) return;
    for (const [bot, shelf] of this.#shelves) {
      if (shelf.waiting.length > 0) continue;
      this.#shelves.delete(bot);
      void shelf.close();
      return;
    }
  }

  #folder(bot: string): string {
    return path.join(this.#options.home.path, '.boternity', 'cache', 'storage', bot);
  }
}

function keyOf(bot: string): string {
  return `${bot}/files`;
}
