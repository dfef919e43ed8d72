import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readJsonLines, toJsonLine } from '../base/json-lines.ts';
import type { Home } from '../files/home.ts';
import { signatureOf, type Signature } from '../files/signature.ts';

const FILE = '.boternity/cache/bots.jsonl';
/** Rest after a change before the cache is written, in milliseconds. */
const SAVE_AFTER_MS = 5_000;
/** What was changed so short before it was read may have been changed again within the same tick of the clock. */
const TICK_MS = 2_000;
/** What tells where the person has put the repository of a bot. */
const GIT = ['.git', '.git/HEAD'];
/** Bots that are looked at side by side. */
const LANES = 4;
/** Bots after which a slice of work lets others work. */
const SLICE = 100;

export interface BotIndexOptions<Summary> {
  readonly home: Pick<Home, 'path' | 'files' | 'log'>;
  /** Whether there is such a bot; of others nothing is kept. */
  readonly has: (slug: string) => boolean;
  /** Names everything beside the files that a summary depends on: version of the product, kinds of files. */
  readonly version: () => string;
  /** Whether a folder below `bots` holds something that counts; its path is from the home. */
  readonly enter: (folder: string) => boolean;
  /** Files outside of the folder that count too, from the home: the seal. */
  readonly beside: (slug: string) => readonly string[];
  /** Reads a bot and sums it up. */
  readonly read: (slug: string) => Promise<Summary>;
  /** Whether changes of a bot's folder are heard of. Until they are, every question looks at the disk. */
  readonly isFollowed: (slug: string) => boolean;
}

interface Entry<Summary> {
  readonly summary: Summary;
  /** Files and folders in the folder of the bot, from there. */
  readonly paths: readonly string[];
  readonly signature: Signature;
  /** When the signature was taken, in milliseconds since 1970. */
  signedMs: number;
  /** Whether it was compared with the disk since the start, and nothing was heard of a change since. */
  isFresh: boolean;
}

/** A line of the cache: slug, number of its list of paths, signature, time of the latest change, time of signing, summary. */
type Line<Summary> = readonly [string, number, string, number, number, Summary];

/**
 * What the lists tell of every bot. A bot is read only when its files are not what they were when it was last read, in this run or
 * an earlier one: a look at what the system knows of them tells. The cache may be deleted any time, with equal results.
 */
export class BotIndex<Summary> implements AsyncDisposable {
  readonly #options: BotIndexOptions<Summary>;
  readonly #entries = new Map<string, Entry<Summary>>();
  /** Most bots have files of the same names: each list of names is kept once. */
  readonly #lists = new Map<string, readonly string[]>();
  readonly #looking = new Map<string, Promise<Summary>>();
  /** How often something was heard of a bot. */
  readonly #touched = new Map<string, number>();
  /** What the summaries were made with; at the end, when the cache is written, the plugins with their kinds are gone. */
  #version = '';
  #loading: Promise<void> | undefined;
  #saver: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: BotIndexOptions<Summary>) {
    this.#options = options;
  }

  /** The summary of a bot as it is now; costs nothing when nothing was heard of it since it was last asked for. */
  get(slug: string): Promise<Summary> {
    const known = this.#entries.get(slug);
    if (known?.isFresh) return Promise.resolve(known.summary);
    const looking = this.#looking.get(slug) ?? this.#look(slug);
    this.#looking.set(slug, looking);
    const forget = (): void => {
      if (this.#looking.get(slug) === looking) this.#looking.delete(slug);
    };
    looking.then(forget, forget);
    return looking;
  }

  /** The summaries of these bots, in their order, a few at a time. One that cannot be read is left out and told in the log. */
  async list(slugs: readonly string[]): Promise<Summary[]> {
    const found = Array.from<Summary | undefined>({ length: slugs.length });
    const next = slugs.entries();
    const lane = async (): Promise<void> => {
      for (const [at, slug] of next) {
        if (this.#isClosed) return;
        found[at] = await this.get(slug).catch((error: unknown) => {
          this.#options.home.log.warn('A bot cannot be listed', { bot: slug, error });
          return undefined;
        });
        if (at % SLICE === 0) await nextTurn();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return found.filter((summary) => summary !== undefined);
  }

  /** To be called when something of a bot changed, or may have. */
  touch(slug: string): void {
    const known = this.#entries.get(slug);
    if (known) known.isFresh = false;
    this.#touched.set(slug, (this.#touched.get(slug) ?? 0) + 1);
    // Whoever asks from now on wants to hear of the change.
    this.#looking.delete(slug);
  }

  /** Forgets that anything was compared with the disk, for when the kinds of files are others. */
  touchAll(): void {
    for (const slug of this.#entries.keys()) this.touch(slug);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const isPending = this.#saver !== undefined;
    clearTimeout(this.#saver);
    if (isPending) this.#save();
    await this.#saving;
  }

  async #look(slug: string): Promise<Summary> {
    const { isFollowed, read } = this.#options;
    await (this.#loading ??= this.#load());
    const touched = this.#touched.get(slug);
    const isHeardOf = isFollowed(slug);
    const known = this.#entries.get(slug);
    if (known && isProof(known) && (await this.#sign(slug, known.paths)).value === known.signature.value) {
      known.isFresh = isHeardOf && this.#touched.get(slug) === touched;
      return known.summary;
    }
    const paths = this.#shared(await this.#pathsOf(slug));
    const signedMs = Date.now();
    const signature = await this.#sign(slug, paths);
    const summary = await read(slug);
    const isFresh = isHeardOf && this.#touched.get(slug) === touched;
    this.#entries.set(slug, { summary, paths, signature, signedMs, isFresh });
    this.#version = this.#options.version();
    this.#saveSoon();
    return summary;
  }

  #shared(paths: readonly string[]): readonly string[] {
    const key = paths.join('\0');
    const known = this.#lists.get(key) ?? key.split('\0');
    this.#lists.set(key, known);
    return known;
  }

  #sign(slug: string, paths: readonly string[]): Promise<Signature> {
    const { home, beside } = this.#options;
    return signatureOf(home.path, [...paths.map((file) => `bots/${slug}/${file}`), ...beside(slug)]);
  }

  /** Names of all that counts in a bot's folder, the folders too: their times tell what came and went. */
  async #pathsOf(slug: string): Promise<string[]> {
    const { home, enter } = this.#options;
    const found = ['', ...GIT];
    for (const folder of found) {
      const place = path.posix.join('bots', slug, folder);
      if (GIT.includes(folder) || !enter(place)) continue;
      for (const entry of await readdir(path.join(home.path, place), { withFileTypes: true }).catch(() => [])) {
        const below = path.posix.join(folder, entry.name);
        if (!entry.isDirectory() || enter(path.posix.join(place, entry.name))) found.push(below);
      }
    }
    return found;
  }

  async #load(): Promise<void> {
    const { home, version } = this.#options;
    try {
      const content = await home.files.read(FILE);
      if (!content) return;
      const { values } = await readJsonLines(content);
      const [head, ...lines] = values as [Head, ...Line<Summary>[]];
      if (head.version !== version() || head.home !== home.path) return;
      const sets = head.sets.map((set) => this.#shared(set));
      for (const [slug, set, value, changedMs, signedMs, summary] of lines) {
        const paths = sets[set];
        if (!paths || this.#entries.has(slug)) continue;
        this.#entries.set(slug, { summary, paths, signature: { value, changedMs }, signedMs, isFresh: false });
      }
    } catch (error) {
      home.log.warn('The cache of the bots cannot be used and is made anew', { error });
    }
  }

  #saveSoon(): void {
    if (!this.#isClosed) this.#saver ??= setTimeout(() => this.#save(), SAVE_AFTER_MS).unref();
  }

  #save(): void {
    this.#saver = undefined;
    this.#saving = this.#saving
      .then(async () => this.#options.home.files.write(FILE, await this.#text()))
      .catch((error: unknown) => this.#options.home.log.warn('The cache of the bots cannot be written', { error }));
  }

  async #text(): Promise<string> {
    const { home, has } = this.#options;
    const sets = new Map<readonly string[], number>();
    const lines: string[] = [];
    for (const [slug, { summary, paths, signature, signedMs }] of this.#entries) {
      if (!has(slug)) continue;
      const set = sets.get(paths) ?? sets.size;
      sets.set(paths, set);
      const line: Line<Summary> = [slug, set, signature.value, signature.changedMs, signedMs, summary];
      lines.push(toJsonLine(line));
      if (lines.length % SLICE === 0) await nextTurn();
    }
    const head: Head = {
      version: this.#version,
      home: home.path,
      sets: [...sets.keys()],
    };
    return toJsonLine(head) + lines.join('');
  }
}

interface Head {
  readonly version: string;
  readonly home: string;
  readonly sets: readonly (readonly string[])[];
}

/** Whether equal signatures mean equal files: not when they were changed within the tick of the clock in which they were signed. */
function isProof({ signature, signedMs }: Entry<unknown>): boolean {
  return signedMs - signature.changedMs > TICK_MS;
}
