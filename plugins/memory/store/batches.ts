import { setTimeout as sleep } from 'node:timers/promises';
import { type Author, type Bots, type Home, type Repository } from 'boternity';

/** How long changes wait for others to share their commit, in milliseconds. */
const BATCH_MS = 1_000;
/** Rest after the last edit by hand before it is committed, in milliseconds. */
const QUIET_MS = 2_000;
/** Files that lie there uncommitted, and are committed together. */
const TOGETHER = 2_000;
/** Rest between a few files and the next while all are looked through, in milliseconds. */
const PAUSE_MS = 10;
/** Characters of a commit's message. */
const LONGEST_MESSAGE = 500;

/** A change of one file that is not committed yet. */
interface Waiting {
  /** Relative to the folder `memory`. */
  readonly path: string;
  /** Undefined: it is gone. */
  readonly text: string | Uint8Array | undefined;
  readonly by: Author;
  readonly why: string;
}

/** Commits the changes of a bot's memory to the repository of its memory, many at a time. */
export class Batches {
  readonly #bots: Bots;
  readonly #home: Home;
  readonly #bot: string;
  readonly #place: (path: string) => string;
  #waiting: Waiting[] = [];
  /** Files whose change waits for its turn with the repository. */
  readonly #taken = new Set<readonly string[]>();
  /** Files that are being written, and added in a moment: they are nobody else's. */
  readonly #expected = new Set<string>();
  /** Files that people edited, as they will be when they rest. */
  readonly #edited = new Set<string>();
  #quiet: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<void> = Promise.resolve();
  #catchingUp: Promise<void> | undefined;
  #isClosed = false;

  /** `place` gives a path from the home. */
  constructor(bots: Bots, home: Home, bot: string, place: (path: string) => string) {
    this.#bots = bots;
    this.#home = home;
    this.#bot = bot;
    this.#place = place;
  }

  /** Tells that a file is about to be changed by somebody who adds it then. */
  expect(path: string): void {
    this.#expected.add(path);
  }

  /** Takes up a change whose file is written already. It is in history soon. */
  add(change: Waiting): void {
    this.#expected.delete(change.path);
    this.#waiting.push(change);
    this.#timer ??= setTimeout(() => void this.commit(), BATCH_MS).unref();
  }

  /** Takes up an edit on disk: it is committed as the file is then, in the owner's name, when no more come for a moment. */
  addEdit(path: string): void {
    this.#edited.add(path);
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => void this.commit(), QUIET_MS).unref();
  }

  /** Forgets what waits. */
  drop(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    this.#waiting = [];
    this.#edited.clear();
  }

  /** Commits what waits, and nothing behind it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.commit();
    await this.#catchingUp;
  }

  /** Commits what waits now. What cannot be committed stays on disk and is told in the log. */
  commit(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    this.#timer = undefined;
    const batch = this.#waiting;
    const edited = [...this.#edited];
    this.#waiting = [];
    this.#edited.clear();
    const taken = [...batch.map(({ path }) => path), ...edited];
    this.#taken.add(taken);
    this.#committing = this.#committing
      .then(() => this.#bots.withMemory(this.#bot, (repository) => this.#commitNow(batch, edited, repository)))
      .finally(() => this.#taken.delete(taken))
      .then(() => this.#catchUpOnce())
      .catch((error: unknown) => {
        this.#catchingUp = undefined;
        this.#home.log.error('Memories could not be committed; they lie on disk', { bot: this.#bot, error });
      });
    return this.#committing;
  }

  async #commitNow(made: readonly Waiting[], edited: readonly string[], repository: Repository): Promise<void> {
    await this.#commitAll(made, repository);
    const by = this.#bots.owner();
    for (let at = 0; at < edited.length; at += TOGETHER) {
      const edits = edited.slice(at, at + TOGETHER).map(async (path) => {
        return { path, text: await this.#read(path), by, why: 'Edits on disk' };
      });
      await this.#commitAll(await Promise.all(edits), repository);
    }
  }

  /** In the order in which they came. */
  async #commitAll(batch: readonly Waiting[], repository: Repository): Promise<void> {
    for (const group of runsOf(batch)) {
      const [first] = group;
      if (!first) continue;
      const changes = new Map(group.map(({ path, text }) => [path, text]));
      await repository.commit(changes, { author: first.by, message: messageFor(group) });
    }
  }

  /** What was written before a stop and had not been committed, and what people changed by hand since, is taken up beside what goes on. */
  #catchUpOnce(): void {
    if (this.#isClosed) return;
    this.#catchingUp ??= this.#catchUp().catch((error: unknown) => {
      this.#catchingUp = undefined;
      if (!this.#isClosed) this.#home.log.error('A memory could not be looked through', { bot: this.#bot, error });
    });
  }

  async #catchUp(): Promise<void> {
    const slug = this.#bots.slugOf(this.#bot);
    const dirty = await (await this.#bots.repository({ slug, branch: 'memory' })).dirty(() => this.#pause());
    if (dirty.length === 0) return;
    await this.#bots.withMemory(this.#bot, async (repository) => {
      // Asked behind it: what came meanwhile is committed by whoever made it.
      const waiting = this.#waiting.map(({ path }) => path);
      const mine = new Set([...waiting, ...[...this.#taken].flat(), ...this.#expected, ...this.#edited]);
      const left = this.#isClosed ? [] : dirty.filter((path) => !mine.has(path));
      if (left.length === 0) return;
      const author = this.#bots.owner();
      for (let at = 0; at < left.length && !this.#isClosed; at += TOGETHER) {
        const part = left.slice(at, at + TOGETHER);
        const contents = await Promise.all(part.map(async (path) => [path, await this.#read(path)] as const));
        await repository.commit(new Map(contents), { author, message: 'Take up what lies in the folder' });
      }
    });
  }

  async #pause(): Promise<void> {
    await sleep(PAUSE_MS);
    if (this.#isClosed) throw new Error('The memory is closed.');
  }

  #read(path: string): Promise<Buffer | undefined> {
    return this.#home.files.read(this.#place(path));
  }
}

/** Changes in a row by the same author, each of another file: history tells every change. */
function runsOf(batch: readonly Waiting[]): Waiting[][] {
  const groups: Waiting[][] = [];
  const paths = new Set<string>();
  for (const change of batch) {
    const last = groups.at(-1);
    const [first] = last ?? [];
    const isSame = first?.by.kind === change.by.kind && first.by.id === change.by.id;
    if (last && isSame && !paths.has(change.path)) last.push(change);
    else {
      groups.push([change]);
      paths.clear();
    }
    paths.add(change.path);
  }
  return groups;
}

function messageFor(group: readonly Waiting[]): string {
  const reasons = [...new Set(group.map(({ why }) => why))].join('; ');
  const files = new Set(group.map(({ path }) => path)).size;
  return (files === 1 ? reasons : `${files} memories: ${reasons}`).slice(0, LONGEST_MESSAGE);
}
