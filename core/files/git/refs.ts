import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../../base/fault.ts';
import { syncFolder } from '../disk.ts';
import { isMissingFile } from '../system-calls.ts';
import { isObjectId } from './codec.ts';
import { logLineOf } from './identity.ts';
import { takeLock } from './lock.ts';
import { linkFault, readPlainText } from './objects.ts';

/** Where HEAD points: a full ref name; undefined when it is detached or cannot be read. */
export async function readHead(gitDir: string): Promise<string | undefined> {
  const text = await readPlainText(path.join(gitDir, 'HEAD'));
  return /^ref: (refs\/\S+)\s*$/.exec(text ?? '')?.[1];
}

/** The id that a full ref name stands for; undefined when there is none. */
export async function readRef(gitDir: string, ref: string): Promise<string | undefined> {
  const loose = await readLooseRef(gitDir, ref);
  return loose ?? (await readPackedRefs(gitDir)).get(ref);
}

/** The id that a file holds; undefined when it holds something else. */
export async function readPlainId(file: string): Promise<string | undefined> {
  return idIn(await readPlainText(file));
}

/** Every ref below a prefix (`refs/heads`, `refs`), sorted by name. Symbolic ones are left out. */
export async function readRefs(gitDir: string, prefixes: readonly string[]): Promise<Map<string, string>> {
  const packed = await readPackedRefs(gitDir);
  const found = [...packed].filter(([ref]) => prefixes.some((prefix) => ref.startsWith(`${prefix}/`)));
  const loose = await Promise.all(prefixes.map((prefix) => looseBelow(gitDir, prefix)));
  const all = new Map([...found, ...loose.flat()]);
  return new Map([...all].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether git would take this as the full name of a branch or a tag. */
export function isRefName(ref: string): boolean {
  if (!/^refs\/(heads|tags)\/./.test(ref) || ref.length > 255) return false;
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$/.test(ref)) return false;
  return ref.split('/').every((part) => !part.startsWith('.') && !part.startsWith('-') && !part.endsWith('.lock'));
}

/** Moves a ref with compare-and-swap, under git's own lock, durable when it answers. Throws GIT_MOVED. */
export async function moveRef(
  gitDir: string,
  ref: string,
  from: string | undefined,
  to: string | undefined,
  why: string,
): Promise<void> {
  if (!isRefName(ref)) throw new Fault('PATH_REFUSED', `${JSON.stringify(ref)} is no name of a branch or a tag.`);
  const lock = await takeLock(gitDir, ref);
  try {
    const loose = await readLooseRef(gitDir, ref);
    if (loose === undefined) await makeWay(gitDir, ref);
    const now = loose ?? (await readPackedRefs(gitDir)).get(ref);
    if (now !== from) {
      throw new Fault('GIT_MOVED', `${ref} is at ${now ?? 'nothing'}, not at ${from ?? 'nothing'} as expected.`);
    }
    if (to === undefined) return await deleteRef(gitDir, ref);
    await lock.write(`${to}\n`);
    await lock.commit();
  } finally {
    await lock.release();
  }
  if (ref.startsWith('refs/heads/') && to) await note(gitDir, ref, logLineOf(from, to, why));
}

/** Branches whose name is the beginning of another's cannot exist together: files and folders. */
async function makeWay(gitDir: string, ref: string): Promise<void> {
  const parts = ref.split('/');
  for (let count = 3; count < parts.length; count += 1) {
    const above = parts.slice(0, count).join('/');
    if (await readRef(gitDir, above)) throw new Fault('GIT_MOVED', `${ref} cannot stand beside ${above}.`);
  }
  const below = await readRefs(gitDir, [ref]);
  if (below.size > 0) throw new Fault('GIT_MOVED', `${ref} cannot stand beside ${[...below.keys()][0]}.`);
  // An empty folder of a branch that is gone may be in the way.
  await rmdir(path.join(gitDir, ref)).catch(() => undefined);
}

async function deleteRef(gitDir: string, ref: string): Promise<void> {
  if ((await readPackedRefs(gitDir)).has(ref)) {
    const lock = await takeLock(gitDir, 'packed-refs');
    try {
      const lines = ((await readPlainText(path.join(gitDir, 'packed-refs'))) ?? '').split('\n');
      const at = lines.findIndex((line) => line.slice(41) === ref && isObjectId(line.slice(0, 40)));
      if (at >= 0) lines.splice(at, lines[at + 1]?.startsWith('^') ? 2 : 1);
      await lock.write(lines.join('\n'));
      await lock.commit();
    } finally {
      await lock.release();
    }
  }
  for (const file of [ref, `logs/${ref}`]) await unlink(path.join(gitDir, file)).catch(unlessMissing);
  await syncFolder(path.join(gitDir, path.dirname(ref)));
}

async function readLooseRef(gitDir: string, ref: string): Promise<string | undefined> {
  await refuseLinks(gitDir, path.dirname(ref));
  return idIn(await readPlainText(path.join(gitDir, ref)));
}

function idIn(text: string | undefined): string | undefined {
  const id = text?.trim();
  return id && isObjectId(id) ? id : undefined;
}

async function readPackedRefs(gitDir: string): Promise<Map<string, string>> {
  const text = (await readPlainText(path.join(gitDir, 'packed-refs'))) ?? '';
  const lines = text.split('\n').filter((line) => /^[0-9a-f]{40} refs\//.test(line));
  return new Map(lines.map((line) => [line.slice(41).trimEnd(), line.slice(0, 40)]));
}

async function looseBelow(gitDir: string, prefix: string): Promise<[string, string][]> {
  await refuseLinks(gitDir, prefix);
  const entries = await readdir(path.join(gitDir, prefix), { withFileTypes: true }).catch(unlessMissing);
  const found = (entries ?? []).map(async (entry): Promise<[string, string][]> => {
    const ref = `${prefix}/${entry.name}`;
    if (entry.isDirectory()) return looseBelow(gitDir, ref);
    if (entry.isSymbolicLink()) throw linkFault(path.join(gitDir, ref));
    if (!entry.isFile() || entry.name.endsWith('.lock')) return [];
    const id = idIn(await readPlainText(path.join(gitDir, ref)));
    return id && (isRefName(ref) || !/^refs\/(heads|tags)\//.test(ref)) ? [[ref, id]] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Appends to the logs that `git reflog` shows. They are a comfort: what cannot be noted is not. */
async function note(gitDir: string, ref: string, line: string): Promise<void> {
  const logs = (await readHead(gitDir)) === ref ? [ref, 'HEAD'] : [ref];
  await Promise.all(logs.map((log) => append(gitDir, `logs/${log}`, line).catch(() => undefined)));
}

async function append(gitDir: string, name: string, line: string): Promise<void> {
  await refuseLinks(gitDir, path.dirname(name));
  const file = path.join(gitDir, name);
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const handle = await open(file, flags | constants.O_NONBLOCK, 0o644).catch(async (error: unknown) => {
    unlessMissing(error);
    await mkdir(path.dirname(file), { recursive: true });
    return open(file, flags, 0o644);
  });
  try {
    await handle.write(line);
  } finally {
    await handle.close();
  }
}

/** No folder on the way may be a link. The first two of branches are looked at whenever a repository is. */
async function refuseLinks(gitDir: string, folder: string): Promise<void> {
  if (folder === 'refs/heads' || folder === 'refs') return;
  const parts = folder.split('/').filter((part) => part !== '.');
  const ways = parts.map((_, at) => path.join(gitDir, ...parts.slice(0, at + 1)));
  const found = await Promise.all(ways.map((way) => lstat(way).catch(unlessMissing)));
  const at = found.findIndex((one) => one?.isSymbolicLink());
  if (at >= 0) throw linkFault(ways[at] ?? gitDir);
}

function unlessMissing(error: unknown): undefined {
  if (isMissingFile(error)) return undefined;
  throw Fault.from(error);
}
