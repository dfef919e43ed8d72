import path from 'node:path';
import { Fault } from '../base/fault.ts';
import type { Author, Change } from '../base/author.ts';
import type { Repository, Standing } from '../files/git/repository.ts';
import type { Home } from '../files/home.ts';
import type { Registry } from '../kernel/registry.ts';
import { BotHistory } from './bot-history.ts';
import { BotReader, type BotAsRead } from './bot-reader.ts';
import type { Bot } from './bot.ts';
import type { BotForTurn } from './brought.ts';
import type { FileKind, Problem } from './file-kind.ts';
import type { BotChanged } from './fleet.ts';
import { Guard } from './guard.ts';
import { lineDiff } from './line-diff.ts';
import type { Seal, Sealing } from './seal.ts';
import { MCP } from './sealed.ts';
import { commitSource, folderSource, overlaid, type Source } from './source.ts';
import { assertMayWrite, checkWritten, type Written } from './writing.ts';

export interface KeptBotOptions {
  readonly home: Home;
  readonly kinds: Registry<FileKind>;
  readonly id: string;
  readonly slug: string;
  readonly repository: Repository;
  readonly onChange: (change: BotChanged) => void;
  /** After every work that may have changed the bot. */
  readonly onTouch: (slug: string) => void;
  /** In whose name edits on disk are committed. */
  readonly owner: () => Author;
  /** Why a change of who the bot is waits for a person; undefined when an edit on disk counts as the owner's. */
  readonly whyWait: (bot: BotAsRead) => string | undefined;
  /** Rest after the last edit on disk before it is committed, in milliseconds. */
  readonly quietMs: number;
}

const none: ReadonlySet<string> = new Set();
/** Rest after which a repository may be packed, in milliseconds. */
const RESTING_MS = 30_000;

/**
 * One bot: its files as they are in force, its history and its seal. Everything that changes it runs through one queue, so that
 * an edit, a commit, a push and the start of a turn never cross.
 */
export class KeptBot {
  readonly #options: KeptBotOptions;
  readonly #reader: BotReader;
  readonly #history: BotHistory;
  readonly #guard: Guard;
  #queue: Promise<unknown> = Promise.resolve();
  #bot: Bot | undefined;
  #away: string | undefined;
  /** Where the repository stood when it was looked at last. */
  #standing: Standing | undefined;
  #nextTurn: Promise<BotForTurn> | undefined;
  /** The commit that was live is on no branch any more: something damaged the repository. */
  #isLost = false;
  /** Whether something on disk may differ from the commit that is live. */
  #isDirty = true;
  #quiet: NodeJS.Timeout | undefined;
  #touchedMs = 0;
  #isClosed = false;
  /** Commits made here since the repository was packed last. */
  commitsSinceTidy = 0;

  private constructor(options: KeptBotOptions, reader: BotReader, guard: Guard) {
    const { home, slug, repository } = options;
    this.#options = options;
    this.#reader = reader;
    this.#guard = guard;
    this.#history = new BotHistory({ repository, slug, log: home.log, read: (file) => this.#readFile(file) });
  }

  static async open(options: KeptBotOptions): Promise<KeptBot> {
    const { home, kinds, id, slug, onChange } = options;
    const folder = path.join(home.path, 'bots', slug);
    const guard = new Guard(options);
    const [reader, isSealed] = await Promise.all([
      BotReader.open({ kinds, id, slug, folder, onChange }, folderSource(home, slug)),
      guard.load(),
    ]);
    const kept = new KeptBot(options, reader, guard);
    // A bot that was never used has nothing to compare with, and a list of thousands need not look.
    if (isSealed) await kept.#reconcile();
    return kept;
  }

  get bot(): Bot {
    const read = this.#reader.bot;
    if (this.#bot?.version === read.version && this.#bot.files === read.files) return this.#bot;
    return (this.#bot = {
      ...read,
      waiting: this.#guard.waiting,
      problems: [...read.problems, ...this.#problems()],
    });
  }

  get repository(): Repository {
    return this.#options.repository;
  }

  get seal(): Seal | undefined {
    return this.#guard.seal;
  }

  /** Why a change of who the bot is waits for a person; undefined when an edit on disk counts as the owner's. */
  get whyWait(): string | undefined {
    return this.#options.whyWait(this.#reader.bot);
  }

  /** Why there is no history; undefined while there is. */
  get noHistory(): Fault | undefined {
    return this.#history.fault;
  }

  /** Where the person has put the repository; undefined when what lies in the folder is live. */
  get away(): string | undefined {
    return this.#away;
  }

  /** Whether nothing has happened to the bot for a while. */
  get isResting(): boolean {
    return performance.now() - this.#touchedMs > RESTING_MS;
  }

  /** Runs work while nothing else changes the bot. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    this.#touchedMs = performance.now();
    const { onTouch, slug } = this.#options;
    const done = this.#queue.then(work).finally(() => onTouch(slug));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Takes up edits on disk; they are committed after a quiet moment. */
  changed(paths: readonly string[]): Promise<void> {
    return this.exclusive(async () => {
      this.#isDirty = true;
      await this.#reconcile();
      if (this.#away === undefined) await this.#reader.refresh(paths);
      this.#commitSoon();
    });
  }

  /** Reads all files again, for when the kinds are not what they were. */
  reread(): Promise<void> {
    return this.exclusive(() => this.#reader.reread());
  }

  /**
   * The bot for a turn. What a person has just saved is part of it; what waits for a person is not. Turns that begin before the folder
   * is looked at share the look. Throws SOUL_CHANGED.
   */
  forTurn(): Promise<BotForTurn> {
    this.#nextTurn ??= this.exclusive(async () => {
      this.#nextTurn = undefined;
      await this.#reconcile();
      if (this.#guard.blocked) throw this.#guard.blocked;
      const commit = await this.#settle();
      const isWaiting = this.#guard.waitingPaths.length > 0;
      const notices = isWaiting ? [{ code: 'SOUL_CHANGED' as const, message: this.#sayWaiting() }] : [];
      return { bot: this.bot, commit: commit ?? null, notices };
    });
    return this.#nextTurn;
  }

  /** Commits what lies uncommitted in the folder, in the owner's name. The commit that is live then; undefined without history. */
  commitEdits(): Promise<string | undefined> {
    return this.exclusive(() => this.commitEditsWithin());
  }

  /** The same, for work that runs within `exclusive`. */
  async commitEditsWithin(): Promise<string | undefined> {
    await this.#reconcile();
    return this.#settle();
  }

  /** Writes files, in one commit. Nothing is written when one of them would be wrong, or may not be changed by this author. */
  write(written: Written, change: Change): Promise<Bot> {
    return this.exclusive(async () => {
      const { home, slug, kinds } = this.#options;
      const { by, why } = change;
      await this.commitEditsWithin();
      if (this.#away !== undefined) throw new Fault('GIT_AWAY', `${slug} cannot be changed now: ${this.#away}.`);
      const contents = await checkWritten({ home, slug, kinds, written });
      assertMayWrite(this.bot, contents, change);
      const changes = new Map([...contents].map(([file, { after }]) => [file, after]));
      for (const [file, content] of changes) await this.#writeFile(file, content);
      const commit = await this.#history.commit(changes, by, why);
      const paths = new Set(changes.keys());
      return this.#take(paths, { by: by.name, commit, grant: by.kind === 'bot' ? none : paths });
    });
  }

  /** For a commit that was applied to branch and folder, within `exclusive`. Code that came with it waits for a grant. */
  applied(paths: readonly string[], commit: string, by: Author): Promise<Bot> {
    return this.#take(new Set(paths), { by: by.name, commit, grant: none });
  }

  /** What the change that waits would do, line by line; undefined when none does. */
  waitingDiff(): Promise<string | undefined> {
    return this.exclusive(async () => {
      await this.#reconcile();
      const { over } = this.#guard;
      if (over.size === 0) return undefined;
      const parts = [...over].map(async ([file, sealed]) => lineDiff(file, sealed, await this.#readFile(file)));
      return (await Promise.all(parts)).join('');
    });
  }

  /** Makes the change that waits part of who the bot is, and grants the code in it. */
  accept(by: Author): Promise<Bot> {
    return this.exclusive(async () => {
      await this.#reconcile();
      const paths = this.#guard.waitingPaths;
      if (paths.length === 0) throw new Fault('APPROVAL_MISSING', `No change of ${this.#options.slug} waits.`);
      if (await this.#guard.release()) await this.#reader.turnTo(this.#source());
      const commit = await this.#history.commitAll(by, none, `Accept ${paths.join(', ')}`);
      return this.#take(new Set(paths), { by: by.name, commit, grant: new Set([...paths, MCP]) });
    });
  }

  /** Puts back what was sealed. What waited is lost. */
  restore(): Promise<Bot> {
    return this.exclusive(async () => {
      await this.#reconcile();
      const { over } = this.#guard;
      if (over.size === 0) throw new Fault('APPROVAL_MISSING', `No change of ${this.#options.slug} waits.`);
      for (const [file, content] of over) await this.#writeFile(file, content);
      await this.#reconcile();
      return this.#afresh();
    });
  }

  /** Grants code as it lies there now; all of it without `paths`. */
  grant(paths: readonly string[] | undefined, by: Author): Promise<Bot> {
    return this.exclusive(async () => {
      await this.#reconcile();
      const waiting = this.#guard.ungrantedCode();
      const unknown = paths ? paths.find((each) => !waiting.has(each)) : waiting.size === 0 ? 'the bot' : undefined;
      if (unknown !== undefined) throw new Fault('APPROVAL_MISSING', `No code of ${unknown} waits for approval.`);
      await this.#guard.sealNow({ by: by.name, grant: paths ? new Set(paths) : 'all' });
      return this.#afresh();
    });
  }

  /** The first seal of a bot that was just made. */
  begin(by: Author, commit: string | undefined): Promise<Bot> {
    return this.exclusive(async () => {
      await this.#guard.lookAgain();
      await this.#guard.sealNow({ by: by.name, commit, grant: none });
      this.#isDirty = false;
      return this.#afresh();
    });
  }

  /** Packs the repository. */
  tidy(): Promise<void> {
    return this.exclusive(async () => {
      await this.#history.try((repository) => repository.tidy());
      this.commitsSinceTidy = 0;
    });
  }

  /** Commits nothing later; ends when what is under way is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#quiet);
    await this.#queue;
  }

  /** Reads what a person changed through a door, and seals it. */
  async #take(paths: ReadonlySet<string>, sealing: Sealing): Promise<Bot> {
    await this.#reconcile(paths);
    await this.#reader.refresh([...paths]);
    await this.#sealNow(sealing);
    return this.#afresh();
  }

  /** Compares the folder with seal and repository, and decides what is in force. `blessed` are files that a person just wrote. */
  async #reconcile(blessed: ReadonlySet<string> = none): Promise<void> {
    const touched = await this.#guard.lookAgain();
    await this.#followPerson();
    if (this.#away !== undefined) return;
    if (await this.#guard.decide(() => this.whyWait !== undefined, blessed)) {
      this.#bot = undefined;
      await this.#reader.turnTo(this.#source());
    }
    if (touched.length === 0) return;
    this.#isDirty = true;
    await this.#reader.refresh(touched);
  }

  /** While the person has the repository elsewhere, the last accepted commit is live and nothing is committed for them. */
  async #followPerson(): Promise<void> {
    const standing = await this.#history.standing();
    this.#standing = standing;
    if (await this.#history.judge(standing?.head)) this.#bot = undefined;
    const isLost = this.seal?.commit !== undefined && standing?.head === undefined;
    if (isLost !== this.#isLost) this.#bot = undefined;
    this.#isLost = isLost;
    const away = standing?.away;
    if (away === this.#away) return;
    const accepted = this.seal?.commit ?? standing?.head;
    const wasAway = this.#away !== undefined;
    this.#away = away;
    this.#bot = undefined;
    if (away === undefined) {
      this.#isDirty = true;
      return this.#reader.turnTo(this.#source());
    }
    if (!wasAway && accepted !== undefined) await this.#reader.turnTo(commitSource(this.repository, accepted));
  }

  #source(): Source {
    const { home, slug } = this.#options;
    return overlaid(folderSource(home, slug), this.#guard.over);
  }

  /** Right behind a look at the folder: commits edits on disk where there are any, and seals what counts. The commit that is live. */
  async #settle(): Promise<string | undefined> {
    clearTimeout(this.#quiet);
    const sealed = this.seal?.commit;
    if (this.#away !== undefined || this.#isLost) return sealed;
    if (!this.#standing && (await this.#history.begin())) this.#isDirty = true;
    const head = this.#standing?.head;
    const isMoved = sealed !== undefined && head !== undefined && head !== sealed;
    if (!this.#isDirty && this.seal && !isMoved) return head;
    const byHand = isMoved ? await this.#history.codeBetween(sealed, head) : none;
    const owner = this.#options.owner();
    const waiting = new Set(this.#guard.waitingPaths);
    const commit = await this.#history.commitAll(owner, waiting);
    this.#isDirty = false;
    if (await this.#history.judge(commit)) this.#bot = undefined;
    // Code that the owner edits in a folder that was sealed counts as theirs; what a new folder or a pull brought along does not.
    const grant = new Set(this.#guard.editedCode().filter((file) => !byHand.has(file)));
    // While something waits the seal keeps the commit in which it can be read as it was sealed.
    await this.#sealNow({ by: owner.name, commit: waiting.size > 0 ? sealed : commit, grant });
    return commit;
  }

  async #sealNow(sealing: Sealing): Promise<void> {
    const before = this.seal?.commit;
    if (await this.#guard.sealNow(sealing)) this.#bot = undefined;
    if (this.seal?.commit !== before) this.commitsSinceTidy += 1;
  }

  #afresh(): Bot {
    this.#bot = undefined;
    return this.bot;
  }

  #commitSoon(): void {
    clearTimeout(this.#quiet);
    if (this.#isClosed) return;
    const { home, slug, quietMs } = this.#options;
    const commit = (): void =>
      void this.commitEdits().catch((error: unknown) =>
        home.log.error('An edit could not be committed', { bot: slug, error }),
      );
    this.#quiet = setTimeout(commit, quietMs).unref();
  }

  #readFile(file: string): Promise<Buffer | undefined> {
    const { home, slug } = this.#options;
    return home.files.read(`bots/${slug}/${file}`);
  }

  #writeFile(file: string, content: Buffer | undefined): Promise<void> {
    const { files } = this.#options.home;
    const place = `bots/${this.#options.slug}/${file}`;
    return content ? files.write(place, content) : files.remove(place);
  }

  #problems(): Problem[] {
    const found = [...this.#history.refused];
    const add = (file: string, level: Problem['level'], message: string): void =>
      void found.push({ file, line: 1, column: 1, level, message });
    for (const file of this.#guard.waitingPaths) add(file, 'error', this.#sayWaiting());
    if (this.#away !== undefined)
      add('.git', 'warning', `${this.#away}: nothing is committed, and the last accepted commit stays live`);
    if (this.#history.fault) add('.git', 'warning', `there is no history: ${this.#history.fault.message}`);
    else if (this.#isLost) add('.git', 'error', lostIn(`bots/${this.#options.slug}/.git`));
    return found;
  }

  #sayWaiting(): string {
    const { slug } = this.#options;
    const why = this.whyWait ?? 'it waits since before';
    return `${this.#guard.waitingPaths.join(', ')} changed and is not in force (${why}); see it with: bnity soul diff ${slug}; then: bnity soul accept ${slug}, or: bnity soul restore ${slug}`;
  }
}

function lostIn(folder: string): string {
  return `main has no commit any more: ${folder}/HEAD or ${folder}/refs/heads/main is damaged; put ${folder} back from a clone or a backup`;
}
