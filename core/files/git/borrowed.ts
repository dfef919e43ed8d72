import { lstat, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../disk.ts';
import { writeAtomically } from '../replace-file.ts';
import { isMissingFile } from '../system-calls.ts';
import { readPlainText } from './objects.ts';

/** Always left out of a bot's own history: its memory has a repository of its own, and unfinished files are none. */
export const excluded = { main: ['/memory/', '*.bnity-tmp'], memory: ['*.bnity-tmp'] } as const;

const config = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';
const EXCLUDE_BYTES = 64 << 10;

/**
 * The server's own repository for one of a bot: where git runs. It has our configuration, a copy of the refs, and borrows the
 * objects. It may be deleted at any time.
 */
export class Borrowed {
  readonly folder: string;
  readonly #branch: 'main' | 'memory';
  #refs: string | undefined;
  #exclude: string | undefined;
  #making: Promise<void> | undefined;

  constructor(folder: string, branch: 'main' | 'memory') {
    this.folder = folder;
    this.#branch = branch;
  }

  /** Environment of a git that runs here; objects are written to the first folder and read from all. */
  environment(objects: string, others: readonly string[] = []): Record<string, string> {
    const quoted = others.map((folder) => `"${folder.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
    return {
      GIT_DIR: this.folder,
      GIT_OBJECT_DIRECTORY: objects,
      ...(quoted.length > 0 && { GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted.join(path.delimiter) }),
    };
  }

  /** Makes it, when it is not there. */
  ensure(): Promise<void> {
    return (this.#making ??= this.#ensure().finally(() => (this.#making = undefined)));
  }

  /** Shows git these refs and no others. */
  async showRefs(refs: ReadonlyMap<string, string>): Promise<void> {
    const lines = [...refs].map(([ref, id]) => `${id} ${ref}\n`);
    const text = `# pack-refs with: sorted \n${lines.toSorted(byRef).join('')}`;
    if (text !== this.#refs) await writeAtomically(path.join(this.folder, 'packed-refs'), text);
    this.#refs = text;
  }

  /** Shows git what the repository leaves out by itself, besides what is always left out. */
  async showExcludes(gitDir: string): Promise<void> {
    const own = (await readPlainText(path.join(gitDir, 'info/exclude'))) ?? '';
    const text = `${own.slice(0, EXCLUDE_BYTES)}\n${excluded[this.#branch].join('\n')}\n`;
    if (text !== this.#exclude) await writeAtomically(path.join(this.folder, 'info/exclude'), text);
    this.#exclude = text;
  }

  async #ensure(): Promise<void> {
    await this.#clear();
    const head = path.join(this.folder, 'HEAD');
    const found = await readFile(head, 'utf8').catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw error;
    });
    if (found && (await lstat(path.join(this.folder, 'config')).catch(() => undefined))) return;
    this.#refs = undefined;
    this.#exclude = undefined;
    await makeFolder(path.join(this.folder, 'refs'));
    await writeAtomically(path.join(this.folder, 'config'), config);
    await writeAtomically(head, `ref: refs/heads/${this.#branch}\n`);
  }

  /** A process that was killed may have left quarantines. */
  async #clear(): Promise<void> {
    if (cleared.has(this.folder)) return;
    cleared.add(this.folder);
    await rm(path.join(this.folder, 'incoming'), { recursive: true, force: true });
  }
}

/** Folders whose left quarantines have been thrown away by this process. */
const cleared = new Set<string>();

function byRef(a: string, b: string): number {
  return a.slice(41) < b.slice(41) ? -1 : 1;
}
