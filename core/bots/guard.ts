import { Fault } from '../base/fault.ts';
import type { Repository } from '../files/git/repository.ts';
import type { Home } from '../files/home.ts';
import { quarantine } from '../files/quarantine.ts';
import { asSealed } from './as-sealed.ts';
import type { Waiting } from './bot.ts';
import { compare, readSeal, sealOver, ungranted, writeSeal, type Broken, type Seal, type Sealing } from './seal.ts';
import { digestOfValue, lookAt, MCP, nothingSeen, type Look } from './sealed.ts';

export interface GuardOptions {
  readonly home: Home;
  readonly id: string;
  readonly slug: string;
  readonly repository: Repository;
}

/** Guards who a bot is: compares its folder with the seal, and keeps what stands in the place of what waits. */
export class Guard {
  readonly #options: GuardOptions;
  #seal: Seal | undefined;
  #look: Look = nothingSeen;
  #waiting: readonly Broken[] = [];
  /** What is in force in the place of files whose change waits: path → content, undefined for a file that was not there. */
  over: ReadonlyMap<string, Buffer | undefined> = new Map();
  /** Why no turn may begin: a change waits, and what was sealed cannot be read. */
  blocked: Fault | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Reads the seal; false when there is none. */
  async load(): Promise<boolean> {
    const { home, id, slug } = this.#options;
    this.#seal = await readSeal(home.files, id, async (file, reason) => {
      home.log.error('A seal is broken; the bot counts as new', { bot: slug, file, reason });
      await quarantine(home.path, file).catch(() => undefined);
      const message = `the seal of ${slug} cannot be read, so what lies in its folder is sealed anew; look at it with: bnity soul history ${slug}`;
      home.tellProblem({ file, line: 1, column: 1, level: 'warning', message });
    });
    return this.#seal !== undefined;
  }

  get seal(): Seal | undefined {
    return this.#seal;
  }

  /** Paths whose change waits for a person. */
  get waitingPaths(): string[] {
    return this.#waiting.map(({ path }) => path);
  }

  /** Everything that waits: changes of who the bot is, and code that nobody granted. */
  get waiting(): Waiting[] {
    const identity = this.#waiting.map(({ path, found }) => ({ kind: 'identity' as const, path, digest: found }));
    const code = this.#seal ? ungranted(this.#seal, this.#look) : [];
    return [...identity, ...code.map(({ path, found }) => ({ kind: 'code' as const, path, digest: found }))];
  }

  /** Looks at the folder again. The sealed files that were touched since; none at the first look. */
  async lookAgain(): Promise<string[]> {
    const { home, slug } = this.#options;
    const before = this.#look.seen;
    this.#look = await lookAt(home, slug, this.#look);
    const { seen } = this.#look;
    if (before.size === 0) return [];
    const all = new Set([...before.keys(), ...seen.keys()]);
    return [...all].filter((path) => before.get(path)?.signature !== seen.get(path)?.signature);
  }

  /**
   * Decides what waits: all that differs from the seal when there is a reason to wait, or when it waited before; never what a
   * person has just written. True when something else is in force now.
   */
  async decide(hasReason: () => boolean, blessed: ReadonlySet<string>): Promise<boolean> {
    const broken = (this.#seal ? compare(this.#seal, this.#look) : []).filter(({ path }) => !blessed.has(path));
    const waited = this.#seal?.waiting?.files;
    const stillWaits = waited !== undefined && broken.some(({ path, found }) => waited[path] === found);
    return this.#letWait(broken.length > 0 && (stillWaits || hasReason()) ? broken : []);
  }

  /** Lets nothing wait any more. */
  release(): Promise<boolean> {
    return this.#letWait([]);
  }

  /** Code that nobody granted and that differs from what was sealed: somebody edited it since. */
  editedCode(): string[] {
    const seal = this.#seal;
    if (!seal) return [];
    return ungranted(seal, this.#look)
      .map(({ path }) => path)
      .filter((path) =>
        path === MCP ? this.#look.keys !== seal.keys : seal.files[path] !== this.#look.seen.get(path)?.digest,
      );
  }

  /** Code that nobody granted, by path. */
  ungrantedCode(): Set<string> {
    return new Set(ungranted(this.#seal, this.#look).map(({ path }) => path));
  }

  /** Seals what is there now, except what waits. True when the seal is another than before. */
  async sealNow(sealing: Sealing): Promise<boolean> {
    const { home, id } = this.#options;
    const next = sealOver(this.#seal, this.#look, sealing, this.#waiting);
    const without = (seal: Seal): string => digestOfValue({ ...seal, at: '', by: '' });
    if (this.#seal && without(next) === without(this.#seal)) return false;
    await writeSeal(home.files, id, next);
    this.#seal = next;
    return true;
  }

  async #letWait(broken: readonly Broken[]): Promise<boolean> {
    if (isSame(broken, this.#waiting)) return false;
    const { home, id, slug } = this.#options;
    this.blocked = undefined;
    this.over = await this.#sealedVersions(broken);
    this.#waiting = broken;
    if (this.#seal) {
      const { waiting: _, ...seal } = this.#seal;
      const files = Object.fromEntries(broken.map(({ path, found }) => [path, found]));
      this.#seal = broken.length === 0 ? seal : { ...seal, waiting: { since: new Date().toISOString(), files } };
      await writeSeal(home.files, id, this.#seal);
    }
    const paths = this.waitingPaths;
    if (paths.length > 0) home.log.warn('A change of who a bot is waits for a person', { bot: slug, paths });
    return true;
  }

  async #sealedVersions(broken: readonly Broken[]): Promise<ReadonlyMap<string, Buffer | undefined>> {
    const { slug, home, repository } = this.#options;
    const seal = this.#seal;
    if (!seal || broken.length === 0) return new Map();
    try {
      return await asSealed({ seal, broken, repository, read: (file) => home.files.read(`bots/${slug}/${file}`) });
    } catch (error) {
      const paths = broken.map(({ path }) => path).join(', ');
      const { message } = Fault.from(error);
      this.blocked = new Fault(
        'SOUL_CHANGED',
        `${paths} of ${slug} changed, and what was sealed cannot be read: ${message}`,
      );
      return new Map();
    }
  }
}

function isSame(a: readonly Broken[], b: readonly Broken[]): boolean {
  return a.length === b.length && a.every((each, at) => each.path === b[at]?.path && each.found === b[at]?.found);
}
