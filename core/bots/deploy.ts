import type { Readable } from 'node:stream';
import type { Author } from '../base/author.ts';
import { Fault } from '../base/fault.ts';
import type { Home } from '../files/home.ts';
import type { FileChange, Quarantine, Repository } from '../files/git/repository.ts';
import { applyCommit } from './apply-commit.ts';
import { checkCommit, type Checked, type TreeLimits } from './check-push.ts';
import type { FileKind } from './file-kind.ts';
import { refRules, type RefUpdate } from './ref-rules.ts';
import { findObstacles } from './swap-files.ts';

/** One of the two repositories of a bot: its program, or its memory. */
export interface Place {
  readonly slug: string;
  readonly branch: 'main' | 'memory';
}

export interface PushLimits extends TreeLimits {
  /** Bytes of the pack as it arrives. */
  readonly packBytes: number;
}

/** What a pusher sent. */
export interface Push {
  readonly updates: readonly RefUpdate[];
  /** The bot does not exist for the pusher: it shall be created. */
  readonly isNew: boolean;
  /** The objects; absent when refs are deleted and nothing else. */
  readonly pack: Readable | undefined;
  /** All refs or none. */
  readonly isAtomic: boolean;
  readonly by: Author;
  readonly limits: PushLimits;
  /** Says a sentence to the pusher. */
  readonly tell: (sentence: string) => void;
  /** Says what is being done, to a pusher who wants to hear it. */
  readonly progress: (sentence: string) => void;
  /** Aborted when the pusher leaves; heeded until the pack is there. */
  readonly signal: AbortSignal;
}

/** What became of a push. */
export interface Deployed {
  /** Why a ref was not taken, in a few words; refs that were taken are absent. */
  readonly refused: ReadonlyMap<string, string>;
  /** What is live now, when that changed. */
  readonly live?: Live;
}

/** A commit that became live. */
export interface Live {
  readonly commit: string;
  /** Paths that changed, from the folder of the repository. */
  readonly paths: readonly string[];
  /** Those that hold code or tell which code is run, and wait for a person's approval. */
  readonly code: readonly string[];
  readonly by: Author;
  readonly origin: 'push';
}

export interface DeployOptions {
  readonly home: Home;
  readonly kinds: Iterable<[string, FileKind]>;
  readonly repository: (place: Place) => Promise<Repository>;
  /** Runs work that nothing else of the same repository may run beside. */
  readonly exclusive: <T>(place: Place, work: () => Promise<T>) => Promise<T>;
  /** Commits edits on disk in the owner's name. Called within `exclusive`. */
  readonly commitDisk: (place: Place) => Promise<unknown>;
  /** Hears of the new commit before the pusher does. Called within `exclusive`. */
  readonly onLive: (place: Place, live: Live) => Promise<void>;
}

interface Plan {
  readonly from: string | undefined;
  readonly to: string;
  readonly changes: readonly FileChange[];
  readonly checked: Checked;
  readonly isMerge: boolean;
}

/**
 * Takes a push: the objects into quarantine, then check, then the refs and the files. What is refused changes nothing; what is wrong
 * is told to the pusher with file, line and sentence. The branch that is live only moves forward. Throws what `take` throws.
 */
export async function deploy(place: Place, push: Push, options: DeployOptions): Promise<Deployed> {
  const repository = await options.repository(place);
  await using quarantine = await repository.quarantine();
  if (push.pack) await quarantine.take(push.pack, push.limits.packBytes, push.signal);
  return await options.exclusive(place, () => new Deployment({ place, push, options, repository, quarantine }).run());
}

interface DeploymentOptions {
  readonly place: Place;
  readonly push: Push;
  readonly options: DeployOptions;
  readonly repository: Repository;
  readonly quarantine: Quarantine;
}

/** One push, from the moment on that nothing else writes to the repository. */
class Deployment {
  readonly #it: DeploymentOptions;
  readonly #refused = new Map<string, string>();
  readonly #live: string;

  constructor(it: DeploymentOptions) {
    this.#it = it;
    this.#live = `refs/heads/${it.place.branch}`;
  }

  async run(): Promise<Deployed> {
    const { push, repository, quarantine } = this.#it;
    await this.#judgeRefs(await repository.refs());
    const update = push.updates.find(({ ref }) => ref === this.#live && !this.#refused.has(ref));
    const isLost = push.isAtomic && this.#refused.size > 0;
    const plan = update?.to !== undefined && !isLost ? await this.#plan(update, update.to) : undefined;
    if (push.isAtomic && this.#refused.size > 0)
      for (const { ref } of push.updates)
        if (!this.#refused.has(ref)) this.#refused.set(ref, 'another ref was refused');
    const taken = push.updates.filter(({ ref }) => !this.#refused.has(ref));
    if (taken.length === 0) return { refused: this.#refused };
    await quarantine.accept();
    const live = plan && (await this.#apply(plan));
    for (const each of taken) if (each.ref !== this.#live) await this.#move(each);
    return { refused: this.#refused, ...(live && { live }) };
  }

  #say(sentence: string): void {
    this.#it.push.tell(sentence);
  }

  async #judgeRefs(refs: ReadonlyMap<string, string>): Promise<void> {
    const { push, quarantine } = this.#it;
    const trouble = refRules(refs, this.#live);
    for (const update of push.updates) {
      const { ref, from, to } = update;
      const isMoved = ref !== this.#live && refs.get(ref) !== from;
      const reason = trouble(update) ?? (isMoved ? 'it has moved meanwhile; fetch first' : undefined);
      const isThere = to === undefined || reason !== undefined || (await isWhole(quarantine, ref, to));
      if (reason !== undefined) this.#refused.set(ref, reason);
      else if (!isThere) this.#refused.set(ref, 'it is no commit, or not all of it is here');
    }
  }

  #refuse(reason: string, ...sentences: readonly string[]): undefined {
    this.#refused.set(this.#live, reason);
    for (const sentence of sentences) this.#say(sentence);
  }

  /** What has to be done to make a commit live; undefined when it was refused. */
  async #plan(update: RefUpdate, to: string): Promise<Plan | undefined> {
    const { place, options, repository, quarantine } = this.#it;
    const { head, away } = await repository.standing();
    if (away !== undefined)
      return this.#refuse(
        `the bot's folder is busy: ${away}`,
        `Nothing was changed, because ${away} in the bot's folder. Push again when that is finished.`,
      );
    if (update.from !== head) return this.#refuse('fetch first', this.#behind());
    if (head !== undefined && !(await quarantine.isAncestor(head, to)))
      return this.#refuse(
        'non-fast-forward',
        `${place.branch} only moves forward: what is on it stays in its history, also under --force. Run git pull, then push again.`,
      );
    const checked = await this.#check(head, to);
    if (!checked) return undefined;
    await options.commitDisk(place);
    const now = (await repository.standing()).head;
    if (now === head) return this.#clear({ from: head, to, changes: checked.changes, checked, isMerge: false });
    return this.#planMerge(now, to);
  }

  /** Edits on disk became a commit of their own just now: the push is laid beside them, if they leave each other alone. */
  async #planMerge(ours: string | undefined, theirs: string): Promise<Plan | undefined> {
    const { push, quarantine } = this.#it;
    if (ours === undefined) return this.#refuse('fetch first', this.#behind());
    const merged = await quarantine.merge(ours, theirs);
    if ('conflicts' in merged)
      return this.#refuse(
        'conflicts with edits on disk',
        ...merged.conflicts.map(
          (file) => `${file} was edited on the server's disk too, and the two do not fit together`,
        ),
        'Nothing of the push was taken. Run git pull, resolve the conflicts, then push again.',
      );
    const message = `Merge a push into edits made on disk`;
    const to = await quarantine.writeCommit(merged.tree, [ours, theirs], { author: push.by, message });
    const checked = await this.#check(ours, to);
    return checked && this.#clear({ from: ours, to, changes: checked.changes, checked, isMerge: true });
  }

  async #check(from: string | undefined, to: string): Promise<Checked | undefined> {
    const { place, push, options, quarantine } = this.#it;
    const { branch } = place;
    push.progress('Checking the files');
    const checked = await checkCommit({
      commits: quarantine,
      from,
      to,
      branch,
      kinds: options.kinds,
      limits: push.limits,
    });
    for (const line of checked.warnings.slice(0, MOST_LINES)) this.#say(`warning: ${line}`);
    if (checked.wrong.length === 0) return checked;
    const more = checked.wrong.length - MOST_LINES;
    const count = checked.wrong.length === 1 ? 'a problem' : `${checked.wrong.length} problems`;
    return this.#refuse(
      `it has ${count}`,
      ...checked.wrong.slice(0, MOST_LINES),
      ...(more > 0 ? [`… and ${more} more`] : []),
      'Nothing was changed. Correct this, commit, and push again.',
    );
  }

  /** What git does not know, or what waits uncommitted for a person, would be lost below the push: then it is refused. */
  async #clear(plan: Plan): Promise<Plan | undefined> {
    const obstacles = await findObstacles(this.#it.repository.folder, plan.changes);
    if (obstacles.length === 0) return plan;
    return this.#refuse(
      'files on disk stand in the way',
      ...obstacles
        .slice(0, MOST_LINES)
        .map((file) => `${file} is on the server's disk, not as git knows it, where the push wants to write`),
    );
  }

  async #apply(plan: Plan): Promise<Live | undefined> {
    const { place, push, options } = this.#it;
    const { from, to, changes, checked } = plan;
    push.progress(`Writing ${changes.length} files`);
    const kept = await this.#write(plan);
    if (!kept) return undefined;
    for (const file of kept)
      this.#say(`${file} was edited on the server's disk this very moment; that edit stays on top of the push`);
    if (plan.isMerge)
      this.#say(`${place.branch} now holds edits made on the server's disk beside yours. Run git pull.`);
    if (checked.code.length > 0) this.#say(codeSentence(checked.code));
    const live: Live = {
      commit: to,
      paths: changes.map((change) => change.path).filter((file) => !kept.includes(file)),
      code: checked.code,
      by: push.by,
      origin: 'push',
    };
    await options.onLive(place, live);
    options.home.log.info('A push is live', {
      bot: place.slug,
      branch: place.branch,
      from,
      commit: to,
      by: push.by.id,
    });
    return live;
  }

  /** Gives the files that were edited this very moment and stay; undefined when a person's git was faster. */
  async #write(plan: Plan): Promise<string[] | undefined> {
    const { place, push, options, repository } = this.#it;
    try {
      return await applyCommit(options.home, place, repository, plan, push.by);
    } catch (error) {
      if (Fault.from(error).code !== 'GIT_MOVED') throw error;
      return this.#refuse('fetch first', this.#behind());
    }
  }

  #behind(): string {
    return `${this.#it.place.branch} has moved on. Run git pull, then push again.`;
  }

  async #move({ ref, from, to }: RefUpdate): Promise<void> {
    try {
      await this.#it.repository.move(ref, from, to, `push by ${this.#it.push.by.name}`);
    } catch (error) {
      const fault = Fault.from(error);
      this.#it.options.home.log.warn('A pushed ref could not be written', { ref, error });
      this.#refused.set(ref, 'it could not be written');
      this.#say(`${ref}: ${fault.message}`);
    }
  }
}

/** Lines that a pusher gets of one kind. */
const MOST_LINES = 50;

function codeSentence(code: readonly string[]): string {
  const count = code.length === 1 ? '1 file holds' : `${code.length} files hold`;
  const waits = code.length === 1 ? 'waits' : 'wait';
  return `${count} code and ${waits} for approval: ${code.slice(0, 10).join(', ')}${code.length > 10 ? ', …' : ''}`;
}

/** A branch is a commit; a tag may be an object of its own. Nothing of what it needs may be missing. */
async function isWhole(commits: Quarantine, ref: string, id: string): Promise<boolean> {
  try {
    if (ref.startsWith('refs/heads/')) await commits.commitOf(id);
    return await commits.isComplete(id);
  } catch (error) {
    const fault = Fault.from(error);
    if (fault.code !== 'COMMIT_MISSING') throw fault;
    return false;
  }
}
