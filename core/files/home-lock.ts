import { link, lstat, rename, rm, stat, unlink } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { createId } from '../base/ids.ts';
import { quarantine } from './quarantine.ts';
import { readPlainFile, writeAtomically } from './replace-file.ts';

/** Who owns a home: content of `.boternity/server.json`. */
export interface Owner {
  readonly pid: number;
  /** Start time of that process in the system's own units, so that a reused pid is not mistaken for it. */
  readonly start: string;
  /** Where its server listens; absent while it starts and for a command without a server. */
  readonly url?: string;
}

/** The right to write a home. One process holds it at a time. */
export interface HomeLock extends AsyncDisposable {
  /** Publishes the address, so that commands find the server. */
  announce(url: string): Promise<void>;
  /** The owner that was found dead and replaced. */
  readonly replaced?: Owner;
}

const LOCK = '.boternity/server.json';
const lockFile = (home: string): string => path.join(home, LOCK);

/** The living owner of a home, if any. */
export async function findOwner(home: string): Promise<Owner | undefined> {
  const owner = await readOwner(lockFile(home));
  return owner && isAlive(owner) ? owner : undefined;
}

/** Takes the home. HOME_LOCKED names the living owner; a dead one is replaced; HOME_UNWRITABLE when the folder refuses. */
export async function lockHome(home: string): Promise<HomeLock> {
  const file = lockFile(home);
  const self: Owner = { pid: process.pid, start: startOf(process.pid) };
  const mine = `${file}.${createId()}`;
  try {
    await writeAtomically(mine, JSON.stringify(self));
  } catch (error) {
    const { message } = Fault.from(error);
    throw new Fault('HOME_UNWRITABLE', `The home folder ${home} cannot be written: ${message}`, { cause: error });
  }
  try {
    const replaced = await place(mine, file);
    return {
      ...(replaced && { replaced }),
      announce: (url) => writeAtomically(file, JSON.stringify({ ...self, url })),
      [Symbol.asyncDispose]: () => rm(file, { force: true }),
    };
  } finally {
    await unlink(mine).catch(() => undefined);
  }
}

/** Links the prepared file into place; only one process can. A dead owner's file is first moved aside, under a guard. */
async function place(mine: string, file: string): Promise<Owner | undefined> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (await isLinked(mine, file)) return undefined;
    const owner = await readOwner(file);
    if (owner && isAlive(owner)) throw lockedBy(owner, path.dirname(path.dirname(file)));
    const guard = `${file}.takeover`;
    if (await isLinked(mine, guard)) {
      try {
        const still = await readOwner(file);
        if (still && isAlive(still)) throw lockedBy(still, path.dirname(path.dirname(file)));
        // Whatever stands here in the place of the file would not give way to it.
        if ((await lstat(file)).isDirectory()) await quarantine(path.dirname(path.dirname(file)), LOCK);
        await rename(guard, file);
        return owner;
      } finally {
        await unlink(guard).catch(() => undefined);
      }
    }
    await dropOldGuard(guard);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Fault('HOME_LOCKED', `Another process is taking over ${path.dirname(path.dirname(file))}.`);
}

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw Fault.from(error);
  }
}

async function dropOldGuard(guard: string): Promise<void> {
  const found = await stat(guard).catch(() => undefined);
  if (found && Date.now() - found.ctimeMs > 5_000) await unlink(guard).catch(() => undefined);
}

function lockedBy(owner: Owner, home: string): Fault {
  const what = owner.url ? `the server at ${owner.url}` : 'another command';
  return new Fault('HOME_LOCKED', `${home} is in use by ${what} (process ${owner.pid}).`);
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse((await readPlainFile(file)).toString()) as Partial<Owner>;
    return typeof owner.pid === 'number' && typeof owner.start === 'string' ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether that process still runs: neither gone, nor ended and not yet buried by its parent, nor another one with the same number. */
export function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return startOf(owner.pid) === owner.start;
}

/** Field 22 of /proc/<pid>/stat (proc(5)) with the boot it belongs to; empty where there is no such file, `ended` for a zombie (field 3). */
function startOf(pid: number): string {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return 'ended';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19] ?? ''}`;
  } catch {
    return '';
  }
}
