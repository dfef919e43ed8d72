import path from 'node:path';
import { Fault } from '../../base/fault.ts';
import type { Log } from '../../base/log.ts';
import { Borrowed, excluded } from './borrowed.ts';
import { BotObjects, type ObjectCache } from './bot-objects.ts';
import { BotIndex } from './bot-index.ts';
import { commitOnBranch, settleIndex, takeAll, takeWritten, type Branch } from './branch-commit.ts';
import type { CatFiles } from './cat-files.ts';
import { isObjectId, nameObject } from './codec.ts';
import { History } from './history.ts';
import { emptyIndex, parseIndex } from './index-file.ts';
import { checkObjects, lookInto, taskUnderWay, type Look } from './inspect.ts';
import { addExcludes, makeRepository } from './layout.ts';
import { clearLeftLocks, isOurs } from './lock.ts';
import { gitPath } from './paths.ts';
import type { GitOutput, GitProgram } from './program.ts';
import { OpenQuarantine } from './quarantine.ts';
import { moveRef, readHead, readRef, readRefs } from './refs.ts';
import type { BlameLine, Commit, CommitMeta, FileChange, LogEntry } from './repository.ts';
import type { Repository, Standing, TreeFile, UploadRequest } from './repository.ts';
import { resolveName } from './resolve.ts';
import { tidy } from './tidy.ts';
import { allInTurns } from './turns.ts';
import { listTree } from './tree.ts';
import { upload } from './upload.ts';
import { scanWorkTree, type Scan, type Taken } from './work-tree.ts';

/** How many files of a commit are looked at together. */
const AT_ONCE = 32;

/** What all repositories of a home share. */
export interface Shared {
  readonly program: GitProgram;
  readonly cats: CatFiles;
  readonly cache: ObjectCache;
  readonly log: Log;
  /** Folder of the server's own repositories. */
  readonly cacheFolder: string;
}

export interface Place {
  readonly folder: string;
  readonly id: string;
  readonly branch: 'main' | 'memory';
}

export class BotRepository implements Repository {
  readonly folder: string;
  readonly branch: 'main' | 'memory';
  readonly #shared: Shared;
  readonly #gitDir: string;
  readonly #ref: string;
  readonly #borrowed: Borrowed;
  readonly #objects: BotObjects;
  readonly #history: History;
  readonly #index: BotIndex;
  #last: Promise<unknown> = Promise.resolve();
  /** Folders that have been spoken of. */
  readonly #nested = new Set<string>();
  #quarantines = 0;
  #tidying: Promise<void> | undefined;

  constructor({ folder, id, branch }: Place, shared: Shared) {
    this.folder = path.resolve(folder);
    this.branch = branch;
    this.#shared = shared;
    this.#gitDir = path.join(this.folder, '.git');
    this.#ref = `refs/heads/${branch}`;
    this.#borrowed = new Borrowed(path.join(shared.cacheFolder, id), branch);
    this.#objects = new BotObjects({
      key: this.#gitDir,
      folder: this.#objectFolder,
      cats: shared.cats,
      cache: shared.cache,
      startCat: async () => shared.program.start(await this.#call(['cat-file', '--batch'])),
    });
    this.#index = new BotIndex(this.#gitDir);
    this.#history = new History({
      store: this.#objects,
      git: (args, limits) => this.#git(args, limits),
      head: () => readRef(this.#gitDir, this.#ref),
    });
  }

  async exists(): Promise<boolean> {
    return (await lookInto(this.#gitDir)) !== undefined;
  }

  init(): Promise<void> {
    return this.#inTurn(async () => {
      if (!(await lookInto(this.#gitDir))) await makeRepository(this.#gitDir, this.#ref);
      await addExcludes(this.#gitDir, excluded[this.branch]);
    });
  }

  async standing(): Promise<Standing> {
    const look = await this.#look();
    const [head, at] = await Promise.all([readRef(this.#gitDir, this.#ref), readHead(this.#gitDir)]);
    const isHeld = look.names.has('index.lock') && !isOurs(this.#gitDir, 'index');
    const elsewhere = at === undefined ? 'HEAD is on no branch' : `HEAD is on "${at.replace(/^refs\/heads\//, '')}"`;
    const away =
      at === this.#ref ? (taskUnderWay(look) ?? (isHeld ? 'index.lock is held by another git' : undefined)) : elsewhere;
    return { head, ...(away !== undefined && { away }) };
  }

  commit(
    changes: ReadonlyMap<string, Uint8Array | string | undefined>,
    meta: CommitMeta,
    expect?: string,
  ): Promise<string> {
    return this.#inTurn(() =>
      this.#onBranch(expect === undefined, async (branch) => {
        if (expect !== undefined && branch.head !== expect) {
          const place = branch.head ?? 'no commit';
          throw new Fault('GIT_MOVED', `${this.branch} is at ${place}, not at ${expect} as expected.`);
        }
        const taken = await allInTurns([...changes], AT_ONCE, ([name, content]) => this.#take(branch, name, content));
        return (await commitOnBranch(branch, new Map(taken), meta)) ?? branch.head ?? '';
      }),
    );
  }

  commitAll(meta: CommitMeta): Promise<string | undefined> {
    return this.#inTurn(() =>
      this.#onBranch(true, async (branch) => {
        const scan = await this.#scan(branch.tree);
        const there = [...scan.changed].filter(([, how]) => how === 'there').map(([name]) => name);
        const changes = await takeAll(branch, there);
        for (const [name, how] of scan.changed) if (how === 'removed') changes.set(name, undefined);
        return commitOnBranch(branch, changes, meta, { entries: scan.settled, isWhole: scan.isWhole });
      }),
    );
  }

  async dirty(pause?: () => Promise<void>): Promise<string[]> {
    await this.#look();
    const head = await readRef(this.#gitDir, this.#ref);
    const { changed } = await this.#scan(head && (await this.#history.treeOf(head)), pause);
    return [...changed.keys()].toSorted();
  }

  async resolve(name: string): Promise<string | undefined> {
    await this.#look();
    return resolveName({ gitDir: this.#gitDir, objects: this.#objects, commits: this.#history }, name);
  }

  async commitOf(id: string): Promise<Commit> {
    await this.#look();
    return this.#history.commitOf(id);
  }

  async files(commit: string): Promise<TreeFile[]> {
    await this.#look();
    return this.#history.files(commit);
  }

  async read(commit: string, name: string): Promise<Buffer | undefined> {
    await this.#look();
    return this.#history.read(commit, name);
  }

  async log(options: { path?: string; limit: number; from?: string }): Promise<LogEntry[]> {
    await this.#look();
    return this.#history.log(options);
  }

  async changed(from: string | undefined, to: string): Promise<FileChange[]> {
    await this.#look();
    return this.#history.changed(from, to);
  }

  async diff(from: string | undefined, to: string, name?: string): Promise<string> {
    await this.#look();
    return this.#history.diff(from, to, name);
  }

  async blame(commit: string, name: string): Promise<BlameLine[]> {
    await this.#look();
    return this.#history.blame(commit, name);
  }

  async isAncestor(old: string, next: string): Promise<boolean> {
    await this.#look();
    return this.#history.isAncestor(old, next);
  }

  async merge(ours: string, theirs: string): Promise<{ tree: string } | { conflicts: string[] }> {
    await this.#look();
    return this.#history.merge(ours, theirs);
  }

  async writeCommit(tree: string, parents: readonly string[], meta: CommitMeta): Promise<string> {
    await this.#look();
    return this.#history.writeCommit(tree, parents, meta);
  }

  move(ref: string, from: string | undefined, to: string | undefined, why: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#look();
      if (to !== undefined && !(isObjectId(to) && (await this.#objects.read(to)))) {
        throw new Fault('COMMIT_MISSING', `There is no commit ${to.slice(0, 60)}.`);
      }
      await moveRef(this.#gitDir, ref, from, to, why);
    });
  }

  async refs(): Promise<ReadonlyMap<string, string>> {
    await this.#look();
    return readRefs(this.#gitDir, ['refs/heads', 'refs/tags']);
  }

  settleIndex(commit: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#look();
      const { folder } = this;
      const tree = await this.#history.treeOf(commit);
      await settleIndex({ folder, store: this.#objects, index: this.#index }, tree);
    });
  }

  async quarantine(): Promise<OpenQuarantine> {
    await this.#shared.program.expect();
    await checkObjects(this.#gitDir, await this.#look());
    await this.#tidying;
    await this.#borrowed.ensure();
    this.#quarantines += 1;
    return OpenQuarantine.open({
      borrowed: this.#borrowed,
      objects: this.#objectFolder,
      shared: this.#shared,
      refs: () => this.refs(),
      head: () => readRef(this.#gitDir, this.#ref),
      onClose: () => (this.#quarantines -= 1),
    });
  }

  async upload(request: UploadRequest): Promise<NodeJS.ReadableStream> {
    const refs = await this.refs();
    const call = await this.#call([]);
    await this.#borrowed.showRefs(refs);
    return upload(this.#shared, call, request);
  }

  async tidy(): Promise<void> {
    if (this.#quarantines > 0) return;
    this.#tidying ??= this.#tidy().finally(() => (this.#tidying = undefined));
    await this.#tidying;
  }

  async verify(): Promise<string[]> {
    const refs = await this.refs();
    await this.#borrowed.ensure();
    await this.#borrowed.showRefs(refs);
    const { code, stdout, stderr } = await this.#git(['fsck', '--strict', '--full', '--no-dangling', '--no-progress']);
    const lines = `${stdout.toString()}\n${stderr}`
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('notice:'));
    return code !== 0 && lines.length === 0 ? [`git fsck ended with ${code}.`] : lines;
  }

  get #objectFolder(): string {
    return path.join(this.#gitDir, 'objects');
  }

  async #tidy(): Promise<void> {
    const look = await this.#look();
    const call = () => this.#call([]);
    await tidy({ gitDir: this.#gitDir, look, borrowed: this.#borrowed, program: this.#shared.program, call });
  }

  /** One change at a time. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Sees that the repository may be used, and ends what a killed process began. */
  async #look(): Promise<Look> {
    const look = await lookInto(this.#gitDir);
    if (!look) throw new Fault('REPOSITORY_MISSING', `${this.folder} has no git repository.`);
    const isCleared = await clearLeftLocks(this.#gitDir, look.names.keys(), (content) =>
      this.#isIndexOfBranch(content),
    );
    return isCleared ? this.#look() : look;
  }

  async #isIndexOfBranch(content: Buffer): Promise<boolean> {
    const index = await parseIndex(content, 0n);
    const head = await readRef(this.#gitDir, this.#ref);
    return index?.tree !== undefined && head !== undefined && index.tree === (await this.#history.treeOf(head));
  }

  /** Where a person commits in the same moment, or a file changes while it is read, it is tried once more. */
  async #onBranch<T>(mayRepeat: boolean, work: (branch: Branch) => Promise<T>): Promise<T> {
    const branch = await this.#branchNow();
    try {
      return await work(branch);
    } catch (error) {
      if (!mayRepeat || !Fault.is(error) || error.code !== 'GIT_MOVED') throw error;
      return work(await this.#branchNow());
    }
  }

  async #take(
    branch: Branch,
    name: string,
    content: Uint8Array | string | undefined,
  ): Promise<[string, Taken | undefined]> {
    const plain = this.#ownPath(name);
    if (content === undefined) return [plain, undefined];
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const blob = await nameObject('blob', Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return [plain, await takeWritten(branch, plain, blob)];
  }

  async #branchNow(): Promise<Branch> {
    const { head, away } = await this.standing();
    // A lock is waited for: most are held for a moment.
    if (away !== undefined && !away.startsWith('index.lock')) {
      throw new Fault('GIT_MOVED', `Nothing can be committed now: ${away}.`);
    }
    const tree = head && (await this.#history.treeOf(head));
    const { folder } = this;
    const places = { folder, gitDir: this.#gitDir, ref: this.#ref, objects: this.#objectFolder };
    return { ...places, store: this.#objects, index: this.#index, head, tree };
  }

  #ownPath(name: string): string {
    const plain = gitPath(name);
    if (this.branch !== 'main' || plain.split('/')[0] !== 'memory') return plain;
    throw new Fault('PATH_REFUSED', `${plain} belongs to the memory, which has a history of its own.`);
  }

  async #scan(tree: string | undefined, pause?: () => Promise<void>): Promise<Scan> {
    const found = await this.#index.read();
    const index = found ?? emptyIndex();
    const isKnown = tree !== undefined && index.tree === tree;
    const tracked = isKnown ? undefined : tree === undefined ? [] : await listTree(this.#objects, tree);
    return scanWorkTree({
      folder: this.folder,
      index,
      tracked,
      leftOut: this.branch === 'main' ? 'memory' : undefined,
      pause,
      untracked: () => this.#untracked(found !== undefined),
      onNested: (folder) => this.#tellOfNested(folder),
    });
  }

  #tellOfNested(folder: string): void {
    if (this.#nested.has(folder)) return;
    this.#nested.add(folder);
    const place = path.join(this.folder, folder);
    this.#shared.log.warn('A folder with a repository of its own is left out of the history.', { folder: place });
  }

  async #untracked(hasIndex: boolean): Promise<string[]> {
    const { args, env } = await this.#call(['ls-files', '-z', '--others', '--exclude-standard']);
    await this.#borrowed.showExcludes(this.#gitDir);
    // Without one that can be read, git takes every file for untracked.
    const index = path.join(hasIndex ? this.#gitDir : this.#borrowed.folder, hasIndex ? 'index' : 'no-index');
    const places = { GIT_WORK_TREE: this.folder, GIT_INDEX_FILE: index };
    const output = await this.#shared.program.run({ args, env: { ...env, ...places }, cwd: this.folder });
    if (output.code !== 0) throw new Fault('GIT_FAILED', `git ls-files failed: ${output.stderr.slice(0, 500)}`);
    return output.stdout
      .toString()
      .split('\0')
      .filter((name) => name !== '');
  }

  async #git(args: readonly string[], limits: { most?: number; cut?: boolean } = {}): Promise<GitOutput> {
    return this.#shared.program.run({ ...(await this.#call(args)), ...limits });
  }

  /** A call of git in the server's repository, after a look at everything it will read. */
  async #call(args: readonly string[]): Promise<{ args: readonly string[]; env: Record<string, string>; cwd: string }> {
    const look = await this.#look();
    await this.#shared.program.expect();
    await checkObjects(this.#gitDir, look);
    await this.#borrowed.ensure();
    const shallow = look.names.has('shallow') ? { GIT_SHALLOW_FILE: path.join(this.#gitDir, 'shallow') } : {};
    const env = { ...this.#borrowed.environment(this.#objectFolder), ...shallow };
    return { args, env, cwd: this.#borrowed.folder };
  }
}
