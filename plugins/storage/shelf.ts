import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { isMissingFile, writeAtomically, z, type IndexEntry, type Log, type MemoryIndex } from 'boternity';
import type { DocumentReader } from './extract/reader.ts';
import { READER, type Reading } from './extract/reading.ts';
import { wordsIn } from './extract/passages.ts';
import { typeOf } from './types.ts';
import { digestOf, type FoundFile } from './versioned-folder.ts';

/** Entries that are put into an index at once. */
const AT_ONCE = 500;
/** What was read is written down so long after the last document, in milliseconds. */
const REST_MS = 500;

const knownSchema = z.object({
  stamp: z.string(),
  sha256: z.string(),
  /** none: a file of a kind that holds no text. */
  state: z.enum(['none', 'ready', 'partial', 'failed']),
  parts: z.number(),
  words: z.number(),
  problem: z.string().optional(),
});
const listSchema = z.object({ reader: z.literal(READER), files: z.record(z.string(), knownSchema) });

/** What is known of the text of a file. */
export type Known = z.output<typeof knownSchema>;

export interface ShelfOptions {
  /** A folder of its own in the cache. */
  readonly folder: string;
  readonly index: () => MemoryIndex;
  readonly reader: DocumentReader;
  /** Where a file lies now. */
  readonly placeOf: (name: string) => string;
  readonly log: Log;
}

/**
 * The texts of one bot's files: read off the event loop, kept in the cache by the digest of the file, and put into the bot's index.
 * All of it is derived: whatever is missing is made again at the next look.
 */
export class Shelf {
  readonly #options: ShelfOptions;
  readonly #known = new Map<string, Known>();
  /** Files that wait to be read, with their stamps. */
  readonly #waiting = new Map<string, string>();
  #work: Promise<void> = Promise.resolve();
  #loading: Promise<void> | undefined;
  #saving: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  /** Takes up what changed since the last look; the reading itself goes on behind it. */
  async follow(files: readonly FoundFile[]): Promise<void> {
    await (this.#loading ??= this.#load());
    const there = new Set(files.map(({ name }) => name));
    for (const name of this.#known.keys()) if (!there.has(name)) this.#then(() => this.#forget(name));
    for (const file of files) {
      const { name, stamp } = file;
      if (this.#known.get(name)?.stamp === stamp || this.#waiting.get(name) === stamp) continue;
      this.#waiting.set(name, stamp);
      this.#then(() => this.#take(file));
    }
  }

  /** What is known of a file as it is now; undefined while it waits to be read. */
  known({ name, stamp }: Pick<FoundFile, 'name' | 'stamp'>): Known | undefined {
    const known = this.#known.get(name);
    return known?.stamp === stamp ? known : undefined;
  }

  knownAs(name: string): Known | undefined {
    return this.#known.get(name);
  }

  get waiting(): string[] {
    return [...this.#waiting.keys()];
  }

  /** Ends when everything that waited has been read. */
  settled(): Promise<void> {
    return this.#work;
  }

  /** The passages of a file, in order; read again where the cache has lost them. */
  async reading(name: string, sha256: string): Promise<Reading | undefined> {
    const { text: kind } = typeOf(name);
    if (kind === undefined) return undefined;
    const place = this.#placeOf(sha256, kind);
    const kept = await readFile(place, 'utf8').catch(undefinedIfMissing);
    try {
      if (kept !== undefined) return JSON.parse(kept) as Reading;
    } catch {
      // It is made again.
    }
    const reading = await this.#options.reader.read(this.#options.placeOf(name), kind);
    await mkdir(this.#options.folder, { recursive: true });
    await writeAtomically(place, JSON.stringify(reading));
    return reading;
  }

  /** Writes down what is known; nothing is read any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
    if (this.#saving) await this.#save();
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isClosed) return;
      await work().catch((error: unknown) =>
        this.#options.log.error('The text of a file could not be kept', { error }),
      );
    });
  }

  async #take(file: FoundFile): Promise<void> {
    const { name, stamp } = file;
    // A newer one waits behind.
    if (this.#waiting.get(name) !== stamp) return;
    try {
      const sha256 = await digestOf(this.#options.placeOf(name)).catch(undefinedIfMissing);
      if (sha256 === undefined) return;
      const before = this.#known.get(name);
      const reading = await this.reading(name, sha256);
      const parts = reading?.parts ?? [];
      await this.#index(file, sha256, reading);
      await this.#drop(name, parts.length, before?.parts ?? 0);
      this.#known.set(name, {
        stamp,
        sha256,
        state: reading?.state ?? 'none',
        parts: parts.length,
        words: parts.reduce((sum, { text }) => sum + wordsIn(text), 0),
        ...(reading?.problem !== undefined && { problem: reading.problem }),
      });
      if (before && before.sha256 !== sha256) await this.#clean(before.sha256);
      this.#saveSoon();
    } finally {
      if (this.#waiting.get(name) === stamp) this.#waiting.delete(name);
    }
  }

  async #index({ name }: FoundFile, sha256: string, reading: Reading | undefined): Promise<void> {
    const entries = (reading?.parts ?? []).map(({ text, heading }, at): IndexEntry => ({
      id: idOf(name, at),
      source: name,
      stamp: sha256,
      group: name,
      at,
      importance: 3,
      uses: 0,
      text,
      more: `${heading ?? ''} ${name.replaceAll(/[._-]+/g, ' ')}`,
    }));
    for (let at = 0; at < entries.length; at += AT_ONCE)
      await this.#options.index().put(entries.slice(at, at + AT_ONCE));
  }

  async #forget(name: string): Promise<void> {
    const known = this.#known.get(name);
    if (!known) return;
    await this.#drop(name, 0, known.parts);
    this.#known.delete(name);
    await this.#clean(known.sha256);
    this.#saveSoon();
  }

  async #drop(name: string, from: number, to: number): Promise<void> {
    const ids = Array.from({ length: Math.max(0, to - from) }, (_, at) => idOf(name, from + at));
    if (ids.length > 0) await this.#options.index().remove(ids);
  }

  /** What was read of a content that no file has any more. */
  async #clean(sha256: string): Promise<void> {
    for (const known of this.#known.values()) if (known.sha256 === sha256) return;
    const names = await readdir(this.#options.folder).catch(() => []);
    const gone = names.filter((name) => name.startsWith(`${sha256}.`));
    await Promise.all(gone.map((name) => rm(path.join(this.#options.folder, name), { force: true })));
  }

  async #load(): Promise<void> {
    const text = await readFile(this.#list, 'utf8').catch(undefinedIfMissing);
    try {
      const { files } = listSchema.parse(JSON.parse(text ?? ''));
      for (const [name, known] of Object.entries(files)) this.#known.set(name, known);
    } catch {
      this.#known.clear();
    }
    await this.#compare();
  }

  /** What the index does not have as it should is put there again; what it has too much is taken out. */
  async #compare(): Promise<void> {
    const counts = new Map<string, number>();
    const over: string[] = [];
    for await (const entries of this.#options.index().entries()) {
      for (const { id, source, stamp, at } of entries) {
        const known = this.#known.get(source);
        if (!known || known.sha256 !== stamp || at >= known.parts) over.push(id);
        else counts.set(source, (counts.get(source) ?? 0) + 1);
      }
    }
    for (let at = 0; at < over.length; at += AT_ONCE) await this.#options.index().remove(over.slice(at, at + AT_ONCE));
    for (const [name, { parts }] of this.#known) if ((counts.get(name) ?? 0) !== parts) this.#known.delete(name);
  }

  #saveSoon(): void {
    this.#saving ??= setTimeout(() => void this.#save(), REST_MS).unref();
  }

  async #save(): Promise<void> {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const list = { reader: READER, files: Object.fromEntries(this.#known) };
    await writeAtomically(this.#list, JSON.stringify(list)).catch((error: unknown) =>
      this.#options.log.warn('What is known of texts could not be kept', { error }),
    );
  }

  get #list(): string {
    return path.join(this.#options.folder, 'files.json');
  }

  #placeOf(sha256: string, kind: string): string {
    return path.join(this.#options.folder, `${sha256}.${kind}.${READER}.json`);
  }
}

function idOf(name: string, part: number): string {
  return `${createHash('sha256').update(name).digest('hex').slice(0, 24)}.${part}`;
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissingFile(error)) throw error;
}
