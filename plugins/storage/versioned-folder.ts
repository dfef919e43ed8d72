import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createId, Fault, isMissingFile, makeFolder, syncFolder, TEMPORARY_SUFFIX, writeAtomically } from 'boternity';
import type { Author } from 'boternity';
import { historySchema, type History, type Version } from './history.ts';

const VERSIONS = '.versions';
const HISTORY = 'versions.json';

/** What shall become the content: a finished file, which is moved, or bytes. */
export type Source = ({ readonly file: string } | { readonly content: string | Buffer }) & { readonly sha256: string };

export interface VersionedFolderOptions {
  /** Absolute; asked every time, because a bot may get another name. */
  readonly place: () => string;
  /** Versions that are kept, the one of now among them. */
  readonly keep: number;
  /** In whose name a file is that nobody wrote through the server. */
  readonly owner: () => Author;
}

/** A plain file in the folder. */
export interface FoundFile {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Changes whenever the file does. */
  readonly stamp: string;
}

/**
 * Files in one folder, each with its older versions in `.versions/<name>/`. People may put files there, change and remove them.
 * A crash at any instant leaves the old file or the new one, and never less than the older versions. One change of a folder at a
 * time: its users see to that.
 */
export class VersionedFolder {
  readonly #options: VersionedFolderOptions;
  /** Bytes of older versions, once they were counted. */
  #olderBytes: number | undefined;

  constructor(options: VersionedFolderOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#options.place();
  }

  /** Names of the plain files, sorted. */
  async names(): Promise<string[]> {
    return (await this.#shown()).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  }

  /** What lies in the folder: plain files, and the names of everything else. Nothing where there is no folder. */
  async look(): Promise<{ files: FoundFile[]; others: string[] }> {
    const shown = await this.#shown();
    const plain = shown.filter((entry) => entry.isFile());
    const found = await inBatches(plain, 64, ({ name }) => this.find(name));
    return {
      files: found.filter((file) => file !== undefined),
      others: shown.filter((entry) => !entry.isFile()).map(({ name }) => name),
    };
  }

  /** One file as it is now; undefined when there is no plain file of this name. */
  async find(name: string): Promise<FoundFile | undefined> {
    const facts = await lstat(this.#current(name)).catch(undefinedIfMissing);
    if (!facts?.isFile()) return undefined;
    const { size, mtimeMs, ctimeMs, ino } = facts;
    return { name, bytes: size, modifiedMs: mtimeMs, stamp: `${size}.${mtimeMs}.${ctimeMs}.${ino}` };
  }

  /** Names of files that are there no more and can be brought back. */
  async removed(): Promise<string[]> {
    const [now, kept] = await Promise.all([namesIn(this.path), namesIn(path.join(this.path, VERSIONS))]);
    const there = new Set(now.map(({ name }) => name));
    return kept.filter((entry) => entry.isDirectory() && !there.has(entry.name)).map(({ name }) => name);
  }

  async history(name: string): Promise<History> {
    const { versions, deleted } = await this.#kept(name);
    const found = await this.find(name);
    if (!found) return { versions, deleted, isThere: false };
    const last = deleted ? undefined : versions.at(-1);
    const { bytes, modifiedMs } = found;
    if (last?.bytes === bytes && last.modifiedMs === modifiedMs) return { versions, isThere: true };
    const sha256 = await digestOf(this.#current(name));
    if (last?.sha256 === sha256)
      return { versions: [...versions.slice(0, -1), { ...last, modifiedMs }], isThere: true };
    const at = new Date(modifiedMs).toISOString();
    const version = (versions.at(-1)?.version ?? 0) + 1;
    const by = plain(this.#options.owner());
    return { versions: [...versions, { version, bytes, sha256, at, by, how: 'found', modifiedMs }], isThere: true };
  }

  /** Numbers of the versions whose content is still here. */
  async keptVersions(name: string): Promise<Set<number>> {
    const entries = await namesIn(this.#older(name));
    return new Set(
      entries.flatMap((entry) => (/^\d+(\.|$)/.test(entry.name) ? [Number.parseInt(entry.name, 10)] : [])),
    );
  }

  /** Where the content of a version lies. Throws VERSION_MISSING where it is not kept. */
  async placeOf(name: string, version: number | undefined): Promise<{ file: string; version: Version }> {
    const { versions, isThere } = await this.history(name);
    const last = versions.at(-1);
    const wanted = versions.find((each) => each.version === (version ?? last?.version));
    if (!wanted) throw new Fault('VERSION_MISSING', `"${name}" has no version ${version ?? 1}.`);
    if (isThere && wanted.version === last?.version) return { file: this.#current(name), version: wanted };
    const file = this.#version(name, wanted.version);
    if (!(await lstat(file).catch(undefinedIfMissing)))
      throw new Fault('VERSION_MISSING', `Version ${wanted.version} of "${name}" is not kept any more.`);
    return { file, version: wanted };
  }

  /** Puts a content in place; the one before becomes a version. The same content once more changes nothing. */
  async put(name: string, source: Source, by: Author, how: Version['how'] = 'written'): Promise<Version> {
    const { versions, isThere } = await this.history(name);
    const last = versions.at(-1);
    if (isThere && last?.sha256 === source.sha256) {
      if ('file' in source) await rm(source.file, { force: true });
      return last;
    }
    if (isThere && last) await this.#keepOld(name, last, 'link');
    await this.#place(name, source);
    const found = await this.find(name);
    const version: Version = {
      version: (last?.version ?? 0) + 1,
      bytes: found?.bytes ?? 0,
      sha256: source.sha256,
      at: new Date().toISOString(),
      by: plain(by),
      how,
      modifiedMs: found?.modifiedMs ?? 0,
    };
    await this.#save(name, { versions: await this.#pruned(name, [...versions, version]) });
    return version;
  }

  /** Makes an older version the file again. Throws VERSION_MISSING. */
  async restore(name: string, version: number | undefined, by: Author): Promise<Version> {
    const { file, version: wanted } = await this.placeOf(name, version);
    if (file === this.#current(name)) return wanted;
    const copy = path.join(this.path, temporaryName());
    await copyFile(file, copy);
    return this.put(name, { file: copy, sha256: await digestOf(copy) }, by, 'restored');
  }

  /** Takes the file away; its versions stay, also the last one. */
  async remove(name: string, by: Author): Promise<void> {
    const { versions } = await this.history(name);
    const last = versions.at(-1);
    if (last) await this.#keepOld(name, last, 'rename');
    const deleted = { at: new Date().toISOString(), by: plain(by) };
    await this.#save(name, { versions: await this.#pruned(name, versions), deleted });
  }

  /** Takes the file away with all its versions, for good. */
  async purge(name: string): Promise<void> {
    await rm(this.#current(name), { force: true });
    await rm(this.#older(name), { recursive: true, force: true });
    await syncFolder(this.path).catch(ignoreMissing);
    this.#olderBytes = undefined;
  }

  /** Bytes of all older versions. */
  async olderBytes(): Promise<number> {
    if (this.#olderBytes !== undefined) return this.#olderBytes;
    const root = path.join(this.path, VERSIONS);
    const sums = await inBatches(await namesIn(root), 16, async ({ name }) => {
      const files = await namesIn(path.join(root, name));
      const sizes = files.map(async (file) => (await lstat(path.join(root, name, file.name))).size);
      return sumOf(await Promise.all(sizes));
    });
    return (this.#olderBytes = sumOf(sums));
  }

  async #shown() {
    const entries = await namesIn(this.path);
    return entries.filter(({ name }) => name !== VERSIONS && !name.endsWith(TEMPORARY_SUFFIX));
  }

  /** Under a hard link, so that the file is never away while the next one takes its place. */
  async #keepOld(name: string, last: Version, how: 'link' | 'rename'): Promise<void> {
    const place = this.#version(name, last.version);
    await makeFolder(path.dirname(place));
    if (how === 'rename') await rename(this.#current(name), place);
    else {
      await rm(place, { force: true });
      await link(this.#current(name), place).catch(() => copyFile(this.#current(name), place));
    }
    await syncFolder(path.dirname(place));
    if (how === 'rename') await syncFolder(this.path);
    if (this.#olderBytes !== undefined) this.#olderBytes += last.bytes;
  }

  async #place(name: string, source: Source): Promise<void> {
    const place = this.#current(name);
    await makeFolder(this.path);
    if ('content' in source) return writeAtomically(place, source.content);
    await synced(source.file);
    await rename(source.file, place).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      const beside = path.join(this.path, temporaryName());
      await copyFile(source.file, beside);
      await synced(beside);
      await rename(beside, place);
      await rm(source.file, { force: true });
    });
    await syncFolder(this.path);
  }

  async #pruned(name: string, versions: readonly Version[]): Promise<Version[]> {
    const { keep } = this.#options;
    const over = versions.slice(0, Math.max(0, versions.length - keep));
    for (const { version, bytes } of over) {
      await rm(this.#version(name, version), { force: true });
      if (this.#olderBytes !== undefined) this.#olderBytes -= bytes;
    }
    return versions.slice(over.length);
  }

  async #save(name: string, history: Pick<History, 'versions' | 'deleted'>): Promise<void> {
    await writeAtomically(path.join(this.#older(name), HISTORY), `${JSON.stringify(history, null, 2)}\n`);
  }

  /** What was written down; where that cannot be read, what the versions themselves tell. */
  async #kept(name: string): Promise<Pick<History, 'versions' | 'deleted'>> {
    const text = await readFile(path.join(this.#older(name), HISTORY), 'utf8').catch(undefinedIfMissing);
    if (text === undefined) return { versions: [] };
    try {
      return historySchema.parse(JSON.parse(text));
    } catch {
      const numbers = [...(await this.keptVersions(name))].toSorted((a, b) => a - b);
      return { versions: await Promise.all(numbers.map((version) => this.#seen(name, version))) };
    }
  }

  async #seen(name: string, version: number): Promise<Version> {
    const file = this.#version(name, version);
    const { size, mtimeMs } = await lstat(file);
    const at = new Date(mtimeMs).toISOString();
    const by = plain(this.#options.owner());
    return { version, bytes: size, sha256: await digestOf(file), at, by, how: 'found', modifiedMs: mtimeMs };
  }

  #current(name: string): string {
    return path.join(this.path, name);
  }

  #older(name: string): string {
    return path.join(this.path, VERSIONS, name);
  }

  #version(name: string, version: number): string {
    return path.join(this.#older(name), `${version}${path.extname(name)}`);
  }
}

export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Does the work for all items, some at once, and keeps their order. */
export async function inBatches<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += atOnce)
    done.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))));
  return done;
}

async function namesIn(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(undefinedIfMissing);
  return (entries ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function synced(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function temporaryName(): string {
  return `.${createId()}${TEMPORARY_SUFFIX}`;
}

/** Only what is written down of somebody. */
function plain({ kind, id, name }: Author): Version['by'] {
  return { kind, id, name };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissingFile(error)) throw error;
}

const ignoreMissing = undefinedIfMissing;
