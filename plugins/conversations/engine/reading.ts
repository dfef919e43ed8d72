import type { Home } from 'boternity';

/** Rest before what was seen is written, in milliseconds. */
const WRITE_AFTER_MS = 1_000;

/** Person → number of the line of the journal up to which they saw the conversation. */
type Marks = Map<string, number>;

interface Written {
  readonly v: 1;
  readonly people: Readonly<Record<string, number>>;
}

const nobody: Written = { v: 1, people: {} };

/**
 * Up to where people have seen conversations: `read.json` beside each journal, written a moment later. Whoever never had anything to do
 * with a conversation has no mark.
 */
export class Reading {
  readonly #home: Home;
  readonly #folderOf: (id: string) => Promise<string | undefined>;
  readonly #marks = new Map<string, Promise<Marks>>();
  readonly #unwritten = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** `folderOf`: where a conversation lies, from the home. */
  constructor(home: Home, folderOf: (id: string) => Promise<string | undefined>) {
    this.#home = home;
    this.#folderOf = folderOf;
  }

  /** Up to which line a person has seen a conversation; undefined when they never had to do with it. */
  async seenBy(person: string, id: string): Promise<number | undefined> {
    return (await this.#of(id)).get(person);
  }

  /** A person has seen it up to this line. */
  async mark(person: string, id: string, seq: number): Promise<void> {
    const marks = await this.#of(id);
    if ((marks.get(person) ?? -1) >= seq) return;
    marks.set(person, seq);
    this.#unwritten.add(id);
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_AFTER_MS).unref();
  }

  /** To be called when a conversation is gone. */
  forget(id: string): void {
    this.#marks.delete(id);
    this.#unwritten.delete(id);
  }

  /** Does something while nothing is written, as taking a folder away: a write beside it would make the folder again. */
  whileStill(work: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => undefined);
    return done;
  }

  /** Writes what is not written. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return (this.#writing = this.#writing.then(() => this.#write()));
  }

  async #write(): Promise<void> {
    for (const id of this.#unwritten) {
      this.#unwritten.delete(id);
      const folder = await this.#folderOf(id);
      const marks = await this.#marks.get(id);
      if (folder === undefined || !marks) continue;
      const written: Written = { v: 1, people: Object.fromEntries(marks) };
      try {
        // A folder that has moved on or is gone is not made again.
        if (!(await this.#home.files.stat(`${folder}/journal.jsonl`))) continue;
        await this.#home.files.write(`${folder}/read.json`, `${JSON.stringify(written)}\n`);
      } catch (error) {
        this.#home.log.warn('What was read of a conversation cannot be written', { conversation: id, error });
      }
    }
  }

  #of(id: string): Promise<Marks> {
    const known = this.#marks.get(id);
    if (known) return known;
    const read = this.#read(id);
    this.#marks.set(id, read);
    return read;
  }

  /** A file that cannot be read is as none: what it held is of no weight. */
  async #read(id: string): Promise<Marks> {
    const folder = await this.#folderOf(id);
    try {
      const content = folder === undefined ? undefined : await this.#home.files.read(`${folder}/read.json`);
      const { people } = content ? (JSON.parse(content.toString('utf8')) as Written) : nobody;
      return new Map(Object.entries(people).filter(([, seq]) => Number.isInteger(seq)));
    } catch {
      return new Map();
    }
  }
}
