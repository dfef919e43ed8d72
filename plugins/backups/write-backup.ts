import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createId, Fault, makeFolder, packArchive, syncFolder, type Packed } from 'boternity';
import { HEAD, headOf, sumLine, SUMS } from './format.ts';
import { FileShrank } from './read-files.ts';
import { filesOfHome, type Left, type WalkOptions } from './walk.ts';

export interface Backup {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly at: string;
  /** Made by the server itself. */
  readonly automatic: boolean;
}

export interface Written extends Backup {
  readonly files: number;
  readonly left: readonly Left[];
}

export interface WriteOptions extends Omit<WalkOptions, 'onLeft'> {
  readonly folder: string;
  readonly isAutomatic: boolean;
  readonly onProgress: (files: number, bytes: number) => void;
}

/** How often a backup begins again when a file became shorter under its hands. */
const TRIES = 3;
const NAME = /^boternity-[\w-]+\.tar\.gz$/;
const AUTOMATIC = 'boternity-auto-';

/** Packs a home into one file, under its name only once it is whole and on disk. */
export async function writeBackup(options: WriteOptions): Promise<Written> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await writeOnce(options);
    } catch (error) {
      if (!(error instanceof FileShrank)) throw Fault.from(options.signal.aborted ? options.signal.reason : error);
      if (attempt === TRIES)
        throw new Fault('BACKUP_FAILED', `A large file changed again and again while it was read (${TRIES} tries).`);
    }
  }
}

/** The backups in a folder, newest first. */
export async function listBackups(folder: string): Promise<Backup[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => NAME.test(name));
  const backups = await Promise.all(
    names.map(async (name): Promise<Backup[]> => {
      const found = await stat(path.join(folder, name)).catch(() => undefined);
      if (!found?.isFile()) return [];
      return [
        {
          name,
          file: path.join(folder, name),
          bytes: found.size,
          at: instantOf(name) ?? found.mtime.toISOString(),
          automatic: name.startsWith(AUTOMATIC),
        },
      ];
    }),
  );
  return backups.flat().toSorted((a, b) => Number(a.at < b.at) - Number(a.at > b.at) || (a.name < b.name ? 1 : -1));
}

/** The file of a backup by its name. Throws BACKUP_MISSING. */
export async function findBackup(folder: string, name: string): Promise<Backup> {
  const found = (await listBackups(folder)).find((backup) => backup.name === name);
  if (found) return found;
  throw new Fault('BACKUP_MISSING', `There is no backup "${name.slice(0, 100)}".`);
}

async function writeOnce({ folder, isAutomatic, onProgress, ...walk }: WriteOptions): Promise<Written> {
  const at = new Date();
  await makeFolder(folder);
  const name = await freeName(folder, at, isAutomatic);
  const temporary = path.join(folder, `${name}.${createId()}.bnity-tmp`);
  const sums = path.join(folder, `${name}.${createId()}.bnity-tmp`);
  const left: Left[] = [];
  const count = { files: 0, bytes: 0 };
  const told = (): void => onProgress(count.files, count.bytes);
  const timer = setInterval(told, 1_000).unref();
  try {
    const files = entriesOf({ ...walk, onLeft: (each) => void left.push(each) }, sums, at, count);
    const handle = await open(temporary, 'wx', 0o600);
    await pipeline(packArchive(files), handle.createWriteStream({ flush: true }), { signal: walk.signal });
    const file = path.join(folder, name);
    await rename(temporary, file);
    await syncFolder(folder);
    const { size } = await stat(file);
    return { name, file, bytes: size, at: at.toISOString(), automatic: isAutomatic, files: count.files, left };
  } finally {
    clearInterval(timer);
    await rm(temporary, { force: true });
    await rm(sums, { force: true });
  }
}

/** What it is, the files, and the sums of them all, which wait in a file of their own meanwhile. */
async function* entriesOf(
  walk: WalkOptions,
  sums: string,
  at: Date,
  count: { files: number; bytes: number },
): AsyncGenerator<Packed> {
  const list = await open(sums, 'wx+', 0o600);
  let length = 0;
  const note = async (sha256: string, file: string): Promise<void> => {
    const line = Buffer.from(sumLine(sha256, file));
    await list.write(line, 0, line.length, length);
    length += line.length;
  };
  try {
    const head = Buffer.from(`${JSON.stringify(headOf(at, walk.withKeys), null, 2)}\n`);
    yield { path: HEAD, bytes: head.length, modifiedMs: at.getTime(), content: head };
    for await (const file of filesOfHome(walk)) {
      yield file;
      await note(file.sha256(), file.path);
      count.files += 1;
      count.bytes += file.bytes;
    }
    const content = list.createReadStream({ start: 0, autoClose: false });
    yield { path: SUMS, bytes: length, modifiedMs: at.getTime(), content };
  } finally {
    await list.close();
  }
}

async function freeName(folder: string, at: Date, isAutomatic: boolean): Promise<string> {
  const taken = new Set(await readdir(folder));
  const stamp = at
    .toISOString()
    .replaceAll(/[:.]/g, '-')
    .replace(/-\d{3}Z$/, '');
  for (let number = 1; ; number += 1) {
    const name = `${isAutomatic ? AUTOMATIC : 'boternity-'}${stamp}${number === 1 ? '' : `-${number}`}.tar.gz`;
    if (!taken.has(name)) return name;
  }
}

/** When a backup was begun, as its name says; undefined when it has another name. A copy of the file has another time. */
function instantOf(name: string): string | undefined {
  const [, day, hours, minutes, seconds] = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)/.exec(name) ?? [];
  return day === undefined ? undefined : `${day}T${hours}:${minutes}:${seconds}.000Z`;
}
