import type { Author } from '../base/author.ts';
import { Fault } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import type { Repository, Standing } from '../files/git/repository.ts';
import type { Problem } from './file-kind.ts';
import { isCode, MCP, SETTINGS } from './sealed.ts';
import { treeRefusals } from './tree-check.ts';

export interface BotHistoryOptions {
  readonly repository: Repository;
  readonly slug: string;
  readonly log: Log;
  /** Reads a file of the bot folder as it is now. */
  readonly read: (path: string) => Promise<Buffer | undefined>;
}

/** The history of one bot as its keeper uses it. Where there can be none (no git, a repository that is not to be trusted) the bot goes on without. */
export class BotHistory {
  readonly #options: BotHistoryOptions;
  /** Why there is no history; undefined while there is. */
  fault: Fault | undefined;
  /** What the tree of the branch has that a push would be refused for: a commit made in the folder is asked by nobody. */
  refused: readonly Problem[] = [];
  #judged: string | undefined;

  constructor(options: BotHistoryOptions) {
    this.#options = options;
  }

  /** Where the repository stands; undefined without one. */
  standing(): Promise<Standing | undefined> {
    return this.try(async (repository) => {
      try {
        return await repository.standing();
      } catch (error) {
        if (Fault.is(error) && error.code === 'REPOSITORY_MISSING') return undefined;
        throw error;
      }
    });
  }

  /** Looks at the tree of a commit, once; whether `refused` is another than before. */
  async judge(commit: string | undefined): Promise<boolean> {
    if (commit === this.#judged) return false;
    const refusals = commit && (await this.try((repository) => treeRefusals(repository, commit)));
    this.#judged = commit;
    const before = this.refused;
    this.refused = (refusals || []).map(({ file, message }) => ({ file, message, line: 1, column: 1, level: 'error' }));
    return before.length + this.refused.length > 0;
  }

  /** Makes the repository when it is absent; false when there was one. */
  async begin(): Promise<boolean> {
    const made = await this.try(async (repository) => {
      if (await repository.exists()) return false;
      await repository.init();
      return true;
    });
    return made ?? false;
  }

  /** Commits everything that differs but the paths of `except`. The commit that is live then. */
  commitAll(author: Author, except: ReadonlySet<string>, why?: string): Promise<string | undefined> {
    return this.try(async (repository) => {
      const paths = (await repository.dirty()).filter((file) => !except.has(file));
      const { head } = await repository.standing();
      if (paths.length === 0) return head;
      const message = why ?? messageFor(paths, head === undefined);
      if (except.size === 0) return (await repository.commitAll({ author, message })) ?? head;
      const contents = await Promise.all(paths.map(async (file) => [file, await this.#options.read(file)] as const));
      return repository.commit(new Map(contents), { author, message });
    });
  }

  commit(
    changes: ReadonlyMap<string, Uint8Array | string | undefined>,
    author: Author,
    message: string,
  ): Promise<string | undefined> {
    return this.try((repository) => repository.commit(changes, { author, message }));
  }

  /** Code that differs between two commits: paths, and the commands of bot.yaml. */
  async codeBetween(from: string, to: string): Promise<Set<string>> {
    const changed = await this.try((repository) => repository.changed(from, to));
    const paths = (changed ?? []).map(({ path }) => path);
    return new Set([...paths.filter(isCode), ...(paths.includes(SETTINGS) ? [MCP] : [])]);
  }

  /** Work with the repository; what goes wrong is kept as the reason why there is no history. */
  async try<T>(work: (repository: Repository) => Promise<T>): Promise<T | undefined> {
    const { repository, slug, log } = this.#options;
    try {
      const done = await work(repository);
      this.fault = undefined;
      return done;
    } catch (error) {
      const fault = Fault.from(error);
      if (fault.code === 'GIT_MOVED') throw fault;
      if (this.fault?.message !== fault.message) log.warn('A bot has no history now', { bot: slug, error });
      this.fault = fault;
      return undefined;
    }
  }
}

function messageFor(paths: readonly string[], isFirst: boolean): string {
  if (isFirst) return 'Take up the folder as it is';
  const named = paths.slice(0, 3).join(', ');
  return paths.length > 3 ? `Edit ${named} and ${paths.length - 3} more` : `Edit ${named}`;
}
