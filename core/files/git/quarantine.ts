import { cp, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { Fault } from '../../base/fault.ts';
import { createId } from '../../base/ids.ts';
import { makeFolder, syncFolder } from '../disk.ts';
import type { Borrowed } from './borrowed.ts';
import { BotObjects } from './bot-objects.ts';
import type { Shared } from './bot-repository.ts';
import { isObjectId } from './codec.ts';
import { History } from './history.ts';
import { endGroup, type GitCall } from './program.ts';
import type { Quarantine } from './repository.ts';

/** How long git may think about a pack after its last byte, in milliseconds. */
const THINK_MS = 120_000;

export interface QuarantineOptions {
  readonly borrowed: Borrowed;
  /** Folder of the objects of the repository. */
  readonly objects: string;
  readonly shared: Shared;
  readonly refs: () => Promise<ReadonlyMap<string, string>>;
  readonly head: () => Promise<string | undefined>;
  readonly onClose: () => void;
}

/** Objects that came from outside, in a folder of the server, beside those of the repository. */
export class OpenQuarantine extends History implements Quarantine {
  readonly #options: QuarantineOptions;
  readonly #folder: string;
  #isClosed = false;

  static async open(options: QuarantineOptions): Promise<OpenQuarantine> {
    const folder = path.join(options.borrowed.folder, 'incoming', createId());
    await mkdir(path.join(folder, 'pack'), { recursive: true });
    return new OpenQuarantine(options, folder);
  }

  private constructor(options: QuarantineOptions, folder: string) {
    const { shared, objects, borrowed } = options;
    const call = (args: readonly string[]): GitCall => ({
      args,
      env: borrowed.environment(folder, [objects]),
      cwd: borrowed.folder,
    });
    const startCat = (): ReturnType<Shared['program']['start']> => shared.program.start(call(['cat-file', '--batch']));
    const { cats, cache } = shared;
    super({
      store: new BotObjects({ key: folder, folder, others: [objects], cats, cache, startCat }),
      git: (args, limits) => shared.program.run({ ...call(args), ...limits }),
      head: options.head,
    });
    this.#options = options;
    this.#folder = folder;
  }

  async take(pack: NodeJS.ReadableStream, limit: number, signal: AbortSignal): Promise<void> {
    const { shared } = this.#options;
    const child = await shared.program.start({
      ...this.#call(['index-pack', '--stdin', '--strict', '--fix-thin']),
      signal,
    });
    let said = '';
    child.stderr?.on('data', (piece: Buffer) => (said = (said + piece.toString()).slice(-4000)));
    child.stdout?.resume();
    const closed = once(child, 'close') as Promise<[number | null]>;
    const isTooLarge = await feed(pack, child.stdin, limit, signal, () => endGroup(child));
    const timer = setTimeout(() => endGroup(child), THINK_MS);
    const [code] = await closed.finally(() => clearTimeout(timer));
    signal.throwIfAborted();
    if (isTooLarge) throw new Fault('PUSH_TOO_LARGE', `The push is larger than ${limit} bytes.`);
    if (code !== 0) throw new Fault('PUSH_BROKEN', `git refuses the objects: ${wordsOf(said) || `code ${code}`}`);
  }

  /** The folder that objects come into, for a git that fetches. */
  get folder(): string {
    return this.#folder;
  }

  async isComplete(id: string): Promise<boolean> {
    if (!isObjectId(id)) return false;
    const { borrowed, refs, shared } = this.#options;
    await borrowed.ensure();
    await borrowed.showRefs(await refs());
    const args = ['rev-list', '--objects', '--quiet', id, '--not', '--all'];
    return (await shared.program.run(this.#call(args))).code === 0;
  }

  async sizes(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const args = ['cat-file', '--batch-check=%(objectname) %(objectsize)'];
    const { stdout } = await this.#options.shared.program.run({ ...this.#call(args), input: `${ids.join('\n')}\n` });
    const lines = stdout.toString().matchAll(/^([0-9a-f]{40}) (\d+)$/gm);
    return new Map(Array.from(lines, ([, id = '', bytes]) => [id, Number(bytes)]));
  }

  async accept(): Promise<void> {
    const { shared, objects } = this.#options;
    await shared.cats.close(this.#folder);
    const folders = (await readdir(this.#folder)).filter((name) => /^([0-9a-f]{2}|pack)$/.test(name));
    for (const name of folders) {
      const files = await readdir(path.join(this.#folder, name));
      // A pack can be read once its index is there, so that comes last.
      const ready = files.filter((file) => !file.startsWith('tmp_')).toSorted(packIndexLast);
      if (ready.length === 0) continue;
      await makeFolder(path.join(objects, name));
      for (const file of ready) await moveSynced(path.join(this.#folder, name, file), path.join(objects, name, file));
      await syncFolder(path.join(objects, name));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#options.shared.cats.close(this.#folder);
    await rm(this.#folder, { recursive: true, force: true });
    this.#options.onClose();
  }

  #call(args: readonly string[]): GitCall {
    const { borrowed, objects } = this.#options;
    return { args, env: borrowed.environment(this.#folder, [objects]), cwd: borrowed.folder };
  }
}

/** Writes a stream to a child; what is beyond the limit, or comes after the child has ended, is read and thrown away. */
async function feed(
  from: NodeJS.ReadableStream,
  to: NodeJS.WritableStream | null,
  limit: number,
  signal: AbortSignal,
  tooLarge: () => void,
): Promise<boolean> {
  let bytes = 0;
  let isEnded = false;
  const ended = to ? finished(to).then(...sinks) : Promise.resolve();
  void ended.then(() => (isEnded = true));
  for await (const piece of from) {
    signal.throwIfAborted();
    bytes += piece.length;
    if (bytes > limit) tooLarge();
    if (bytes > limit || isEnded || !to) continue;
    if (!to.write(piece)) await Promise.race([once(to, 'drain').catch(() => undefined), ended]);
  }
  to?.end();
  return bytes > limit;
}

const sinks = [() => undefined, () => undefined] as const;

function packIndexLast(a: string, b: string): number {
  return Number(a.endsWith('.idx')) - Number(b.endsWith('.idx'));
}

/** Moves a file for good; the bytes may still be in memory only. */
async function moveSynced(from: string, to: string): Promise<void> {
  const handle = await open(from, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw Fault.from(error);
    const beside = `${path.dirname(to)}/tmp_obj_${createId()}`;
    await cp(from, beside);
    await moveSynced(beside, to);
  }
}

/** What git says, without its own prefix and without paths of this machine. */
function wordsOf(said: string): string {
  const lines = said.split('\n').map((line) => line.replace(/^(fatal|error): /, '').trim());
  const last = lines.filter((line) => line !== '' && !line.startsWith('warning:')).slice(0, 3);
  return last.join('; ').replaceAll(/(?<![\w.])\/[^\s':]+/g, '…');
}
