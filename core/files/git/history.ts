import { Fault } from '../../base/fault.ts';
import { EMPTY_TREE, isFolder, isObjectId, parseCommit, type CommitFields } from './codec.ts';
import { createCommit } from './identity.ts';
import type { ObjectStore } from './objects.ts';
import { gitPath } from './paths.ts';
import type { GitOutput } from './program.ts';
import type { BlameLine, Commit, CommitMeta, Commits, FileChange, LogEntry, TreeFile } from './repository.ts';
import { compareTrees, findInTree, listTree } from './tree.ts';

const DIFF_BYTES = 2 << 20;
/** How far a walk by parents goes before git is asked. */
const STEPS_MAX = 64;

export interface HistoryOptions {
  readonly store: ObjectStore;
  /** Runs git where it sees these objects. */
  readonly git: (args: readonly string[], limits?: { most?: number; cut?: boolean }) => Promise<GitOutput>;
  /** Where a log without a beginning begins. */
  readonly head: () => Promise<string | undefined>;
}

/** Questions about commits: by our own reading where that is cheap, else by git. */
export class History implements Commits {
  readonly #store: ObjectStore;
  readonly #git: HistoryOptions['git'];
  readonly #head: HistoryOptions['head'];

  constructor({ store, git, head }: HistoryOptions) {
    this.#store = store;
    this.#git = git;
    this.#head = head;
  }

  async commitOf(id: string): Promise<Commit> {
    return toCommit(id, await this.#fields(id));
  }

  async files(commit: string): Promise<TreeFile[]> {
    return listTree(this.#store, await this.treeOf(commit));
  }

  async read(commit: string, path: string): Promise<Buffer | undefined> {
    const entry = await findInTree(this.#store, await this.treeOf(commit), gitPath(path));
    if (!entry || isFolder(entry) || entry.mode === '160000') return undefined;
    const blob = await this.#store.read(entry.id);
    if (!blob) throw new Fault('GIT_DAMAGED', `The git object ${entry.id} of ${path} is missing.`);
    return blob.content;
  }

  async log({ path, limit, from }: { path?: string; limit: number; from?: string }): Promise<LogEntry[]> {
    const start = from ?? (await this.#head());
    if (start === undefined || limit <= 0) return [];
    return path === undefined ? this.#walk(start, limit) : this.#follow(start, gitPath(path), limit);
  }

  async changed(from: string | undefined, to: string): Promise<FileChange[]> {
    const [before, after] = await Promise.all([from && this.treeOf(from), this.treeOf(to)]);
    return compareTrees(this.#store, before, after);
  }

  async diff(from: string | undefined, to: string, path?: string): Promise<string> {
    const before = from === undefined ? EMPTY_TREE : await this.treeOf(from);
    const only = path === undefined ? [] : [gitPath(path)];
    const options = ['-r', '-p', '-M', '--no-ext-diff', '--no-textconv', '--no-color'];
    const { stdout, isCut, ...rest } = await this.#git(
      ['diff-tree', ...options, before, await this.treeOf(to), '--', ...only],
      { most: DIFF_BYTES, cut: true },
    );
    expectDone('diff-tree', rest, isCut);
    if (!isCut) return stdout.toString();
    return `${stdout.subarray(0, stdout.lastIndexOf(0x0a) + 1).toString()}# … cut: the difference is larger than 2 MB.\n`;
  }

  async blame(commit: string, path: string): Promise<BlameLine[]> {
    const found = await findInTree(this.#store, await this.treeOf(commit), gitPath(path));
    if (!found || isFolder(found)) throw new Fault('FILE_MISSING', `There is no ${path} in commit ${commit}.`);
    const output = await this.#git(['blame', '--line-porcelain', commit, '--', gitPath(path)]);
    expectDone('blame', output);
    return parseBlame(output.stdout.toString());
  }

  async isAncestor(old: string, next: string): Promise<boolean> {
    await Promise.all([this.#fields(old), this.#fields(next)]);
    const seen = new Set([next]);
    for (const id of seen) {
      if (id === old) return true;
      if (seen.size > STEPS_MAX) return this.#askAncestor(old, next);
      for (const parent of (await this.#fields(id)).parents) seen.add(parent);
    }
    return false;
  }

  async merge(ours: string, theirs: string): Promise<{ tree: string } | { conflicts: string[] }> {
    await Promise.all([this.#fields(ours), this.#fields(theirs)]);
    const output = await this.#git(['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs]);
    if (output.code !== 1) expectDone('merge-tree', output);
    const [tree = '', ...conflicts] = output.stdout
      .toString()
      .split('\0')
      .filter((part) => part !== '');
    if (output.code === 0 && isObjectId(tree)) return { tree };
    return { conflicts: [...new Set(conflicts)].toSorted() };
  }

  async writeCommit(tree: string, parents: readonly string[], meta: CommitMeta): Promise<string> {
    const found = await this.#store.read(tree);
    if (found?.kind !== 'tree') throw new Fault('COMMIT_MISSING', `There is no tree ${tree}.`);
    await Promise.all(parents.map((parent) => this.#fields(parent)));
    const commit = await createCommit(tree, parents, meta);
    await this.#store.write([commit]);
    return commit.id;
  }

  async treeOf(commit: string): Promise<string> {
    return (await this.#fields(commit)).tree;
  }

  async #fields(id: string): Promise<CommitFields> {
    const object = isObjectId(id) ? await this.#store.read(id) : undefined;
    if (object?.kind !== 'commit') throw new Fault('COMMIT_MISSING', `There is no commit ${id.slice(0, 60)}.`);
    try {
      return parseCommit(object.content);
    } catch (error) {
      throw new Fault('GIT_DAMAGED', `The commit ${id} cannot be read.`, { cause: error });
    }
  }

  async #walk(start: string, limit: number): Promise<Commit[]> {
    const found: Commit[] = [];
    const seen = new Set([start]);
    const next = [{ id: start, fields: await this.#fields(start) }];
    for (let at = next.shift(); at && found.length < limit; at = next.shift()) {
      found.push(toCommit(at.id, at.fields));
      for (const id of at.fields.parents.filter((parent) => !seen.has(parent))) {
        seen.add(id);
        const fields = await this.#fields(id);
        const place = next.findIndex((other) => other.fields.committer.seconds < fields.committer.seconds);
        next.splice(place < 0 ? next.length : place, 0, { id, fields });
      }
    }
    return found;
  }

  async #follow(start: string, path: string, limit: number): Promise<LogEntry[]> {
    await this.#fields(start);
    const options = ['--follow', '-z', '--name-status', '--format=%x01%H', `--max-count=${Math.ceil(limit)}`];
    const safe = ['--no-ext-diff', '--no-textconv', '--no-color', '--no-decorate', '--no-mailmap'];
    const output = await this.#git(['log', ...options, ...safe, '--end-of-options', start, '--', path]);
    expectDone('log', output);
    const entries: LogEntry[] = [];
    let name = path;
    for (const part of output.stdout.toString().split('\u0001').slice(1)) {
      const [id = '', ...names] = part.split('\0').map((field) => field.trim());
      // The last name of a commit's line is the one that the file has from then on.
      name = names.findLast((field) => field !== '') ?? name;
      entries.push({ ...(await this.commitOf(id)), path: name });
    }
    return entries;
  }

  async #askAncestor(old: string, next: string): Promise<boolean> {
    const output = await this.#git(['merge-base', '--is-ancestor', old, next]);
    if (output.code !== 1) expectDone('merge-base', output);
    return output.code === 0;
  }
}

/** A call that failed is a fault with git's own words. */
export function expectDone(name: string, { code, stderr }: Pick<GitOutput, 'code' | 'stderr'>, isCut = false): void {
  if (code === 0 || isCut) return;
  throw new Fault('GIT_FAILED', `git ${name} failed: ${stderr.split('\n').at(-1) || `exit code ${code}`}`);
}

function toCommit(id: string, { parents, tree, author, message }: CommitFields): Commit {
  const { name, email, seconds } = author;
  return { id, parents, tree, author: { name, email, at: new Date(seconds * 1000) }, message };
}

function parseBlame(text: string): BlameLine[] {
  const found: BlameLine[] = [];
  let commit = '';
  let line = 0;
  let author = '';
  let seconds = 0;
  for (const row of text.split('\n')) {
    const head = /^([0-9a-f]{40}) \d+ (\d+)/.exec(row);
    if (row.startsWith('\t')) found.push({ line, text: row.slice(1), commit, author, at: new Date(seconds * 1000) });
    else if (head) [commit, line] = [head[1] ?? '', Number(head[2])];
    else if (row.startsWith('author ')) author = row.slice(7);
    else if (row.startsWith('author-time ')) seconds = Number(row.slice(12));
  }
  return found;
}
