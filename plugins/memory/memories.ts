import { createId, Fault, type Author, type Bots, type Home, type Repository } from 'boternity';
import type { Memory } from './memory-file.ts';

/** Files in one folder of a day; more continue in `<day>.2`, `<day>.3`, … */
const FOLDER_LIMIT = 1_000;
/** How long new memories wait for others to share their commit, in milliseconds. */
const BATCH_MS = 1_000;

interface Waiting {
  readonly path: string;
  readonly text: string;
  readonly by: Author;
  readonly why: string;
}

/** The memory of one bot: files in its `memory` folder, committed in batches to a repository of their own. */
export class Memories {
  readonly #bots: Bots;
  readonly #home: Home;
  readonly #bot: string;
  /** Folder → how many files it holds. */
  readonly #counts = new Map<string, number>();
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<void> = Promise.resolve();
  #isCaughtUp = false;

  /** `bot` is an id: the folder may get another name. */
  constructor(bots: Bots, home: Home, bot: string) {
    this.#bots = bots;
    this.#home = home;
    this.#bot = bot;
  }

  /** Writes a memory; it is on disk when this answers, and in history soon after. */
  async create(
    given: Omit<Memory, 'id' | 'created_at' | 'uses'>,
    by: Author,
    why: string,
  ): Promise<{ memory: Memory; path: string }> {
    const now = new Date();
    const memory: Memory = { id: createId(now.getTime()), created_at: now.toISOString(), uses: 0, ...given };
    const path = `${await this.#folderFor(now)}/${memory.id}.json`;
    const text = `${JSON.stringify(memory, null, 2)}\n`;
    await this.#home.files.write(this.#place(path), text);
    this.#waiting.push({ path, text, by, why });
    this.#timer ??= setTimeout(() => void this.commit(), BATCH_MS).unref();
    return { memory, path: `memory/${path}` };
  }

  /** Commits what waits now. What cannot be committed stays on disk and is told in the log. */
  commit(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#committing = this.#committing
      .then(() => this.#bots.withMemory(this.#bot, (repository) => this.#commitNow(batch, repository)))
      .catch((error: unknown) => {
        this.#isCaughtUp = false;
        this.#home.log.error('Memories could not be committed; they lie on disk', { bot: this.#bot, error });
      });
    return this.#committing;
  }

  async #commitNow(batch: readonly Waiting[], repository: Repository): Promise<void> {
    await this.#catchUp(batch, repository);
    for (const [author, group] of Map.groupBy(batch, ({ by }) => `${by.kind} ${by.id}`)) {
      const [first] = group;
      if (!first) throw new Fault('INTERNAL', `The batch of ${author} is empty.`);
      const changes = new Map(group.map(({ path, text }) => [path, text]));
      const reasons = [...new Set(group.map(({ why }) => why))].join('; ');
      const message = group.length === 1 ? reasons : `Remember ${group.length} things: ${reasons}`;
      await repository.commit(changes, { author: first.by, message: message.slice(0, 500) });
    }
  }

  /** What was written before a stop and had not been committed, and what people changed by hand since. */
  async #catchUp(batch: readonly Waiting[], repository: Repository): Promise<void> {
    if (this.#isCaughtUp) return;
    this.#isCaughtUp = true;
    const mine = new Set(batch.map(({ path }) => path));
    const left = (await repository.dirty()).filter((path) => !mine.has(path));
    if (left.length === 0) return;
    const contents = await Promise.all(
      left.map(async (path) => [path, await this.#home.files.read(this.#place(path))] as const),
    );
    const author = this.#bots.owner();
    await repository.commit(new Map(contents), { author, message: 'Take up what lies in the folder' });
  }

  async #folderFor(now: Date): Promise<string> {
    const day = now.toISOString().slice(0, 10);
    for (let number = 1; ; number += 1) {
      const folder = number === 1 ? day : `${day}.${number}`;
      if (!this.#counts.has(folder)) {
        const { length } = await this.#home.files.list(this.#place(folder));
        if (!this.#counts.has(folder)) this.#counts.set(folder, length);
      }
      const count = this.#counts.get(folder) ?? 0;
      if (count >= FOLDER_LIMIT) continue;
      this.#counts.set(folder, count + 1);
      return folder;
    }
  }

  #place(path: string): string {
    return `bots/${this.#bots.slugOf(this.#bot)}/memory/${path}`;
  }
}
