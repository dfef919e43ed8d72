import { z, type Home, type Problem } from 'boternity';
import { isSameDigest } from './secret.ts';
import { openStateFile, type StateFile } from './state-file.ts';

/** What is kept of every credential. */
export interface Credential {
  readonly id: string;
  /** SHA-256 of the secret. */
  readonly digest: string;
}

export interface BookOptions<Entry extends Credential> {
  /** Name of the file below `.boternity/`. */
  readonly file: string;
  readonly entry: z.ZodType<Entry>;
  /** Whether an entry has ended by itself at this time. */
  readonly isOver: (entry: Entry, now: number) => boolean;
}

interface Held<Entry> {
  entry: Entry;
  readonly revocation: AbortController;
}

interface Page<Entry> {
  readonly v: 1;
  readonly entries: readonly Entry[];
}

/**
 * The credentials of one kind: in memory to be found in no time, in a file to outlive the server. A revoked one no longer counts
 * even before the file says so.
 */
export class Book<Entry extends Credential> {
  readonly #options: BookOptions<Entry>;
  readonly #file: StateFile<Page<Entry>>;
  readonly #byDigest = new Map<string, Held<Entry>>();
  #isDirty = false;

  private constructor(options: BookOptions<Entry>, file: StateFile<Page<Entry>>) {
    this.#options = options;
    this.#file = file;
    for (const entry of file.state?.entries ?? []) this.#hold(entry);
  }

  static async open<Entry extends Credential>(home: Home, options: BookOptions<Entry>): Promise<Book<Entry>> {
    const schema = z.object({ v: z.literal(1), entries: z.array(options.entry) });
    return new Book(options, await openStateFile(home, options.file, schema));
  }

  get problem(): Problem | undefined {
    return this.#file.problem;
  }

  /** Those that hold now. */
  get entries(): Entry[] {
    const now = Date.now();
    return [...this.#byDigest.values()].map(({ entry }) => entry).filter((entry) => !this.#options.isOver(entry, now));
  }

  /** The entry of a secret with this digest, and what is aborted when it is revoked. */
  find(digest: string, now: number): { readonly entry: Entry; readonly revoked: AbortSignal } | undefined {
    const held = this.#byDigest.get(digest);
    if (!held || !isSameDigest(held.entry.digest, digest) || this.#options.isOver(held.entry, now)) return undefined;
    return { entry: held.entry, revoked: held.revocation.signal };
  }

  /** Answers when it is on disk; before that nobody has its secret. */
  async add(entry: Entry): Promise<void> {
    this.#hold(entry);
    try {
      await this.#write();
    } catch (error) {
      this.#drop((other) => other === entry);
      throw error;
    }
  }

  /** Changes what is remembered of an entry; written with the next change or by `flush`. */
  touch(entry: Entry, change: Partial<Entry>): void {
    const held = this.#byDigest.get(entry.digest);
    if (!held) return;
    held.entry = { ...held.entry, ...change };
    this.#isDirty = true;
  }

  /** Ends those that are meant, at once, and gives how many they were. Answers when it is on disk. */
  async revoke(isMeant: (entry: Entry) => boolean): Promise<number> {
    const ended = this.#drop(isMeant);
    if (ended > 0) await this.#write();
    return ended;
  }

  /** Ends what has ended by itself, and writes what was only remembered. */
  async flush(): Promise<void> {
    const now = Date.now();
    const ended = this.#drop((entry) => this.#options.isOver(entry, now));
    if (ended > 0 || this.#isDirty) await this.#write();
  }

  #hold(entry: Entry): void {
    this.#byDigest.set(entry.digest, { entry, revocation: new AbortController() });
  }

  #drop(isMeant: (entry: Entry) => boolean): number {
    const meant = [...this.#byDigest.values()].filter(({ entry }) => isMeant(entry));
    for (const { entry, revocation } of meant) {
      this.#byDigest.delete(entry.digest);
      revocation.abort();
    }
    return meant.length;
  }

  async #write(): Promise<void> {
    this.#isDirty = false;
    await this.#file.update(() => ({ v: 1, entries: this.entries }));
  }
}
