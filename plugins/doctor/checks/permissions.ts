import { constants } from 'node:fs';
import { lstat, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Fault, isMissingFile, type Finding, type Home } from 'boternity';

const OWN = '.boternity';
/** What the server keeps below its own folder that is large and holds no credential. */
const bulk = new Set(['cache', 'logs', 'traces', 'usage', 'runs', 'models', 'schemas', 'staging', 'quarantine']);
/** Names of files that hold what lets somebody in, or opens what is locked. */
const secretName =
  /(^|[-_.])(key|keys|token|tokens|secret|secrets|vault|password|passwords|session|sessions|account|accounts|env)([-_.]|$)/;

/** Places of the home that others on this machine could read. */
export async function homePermissions(home: Home): Promise<Finding[]> {
  if (process.platform === 'win32') return [];
  const places = [OWN, '.env', ...(await secretsBelow(home.path, OWN, 2))];
  const found = await Promise.all(places.map((place) => findingOf(home.path, place)));
  return found.flat();
}

async function secretsBelow(root: string, folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(() => []);
  const inside = await Promise.all(
    entries.map(async (entry) => {
      const place = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return depth > 1 && !bulk.has(entry.name) ? secretsBelow(root, place, depth - 1) : [];
      const isSecret =
        entry.isFile() &&
        place
          .split('/')
          .slice(1)
          .some((name) => secretName.test(name));
      return isSecret ? [place] : [];
    }),
  );
  return inside.flat();
}

async function findingOf(root: string, place: string): Promise<Finding[]> {
  const found = await lstat(path.join(root, place)).catch((error: unknown) => {
    if (isMissingFile(error)) return undefined;
    throw error;
  });
  if (!found || found.isSymbolicLink() || (found.mode & 0o077) === 0) return [];
  const mode = found.isDirectory() ? 0o700 : 0o600;
  return [
    {
      level: 'warning',
      about: place,
      message: `Others on this machine may use ${place} (mode ${textOf(found.mode)}).`,
      fix: { does: `Sets the mode of ${place} to ${textOf(mode)}.`, apply: () => close(path.join(root, place), mode) },
    },
  ];
}

/** Sets the mode of what is really there; a link is not followed. */
async function close(place: string, mode: number): Promise<void> {
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      throw Fault.from(error);
    },
  );
  try {
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

/** A home of another user, as a container that runs under another number finds it. */
export async function homeOwner(home: Home): Promise<Finding[]> {
  const self = process.getuid?.();
  const { uid } = await stat(home.path);
  if (self === undefined || self === 0 || uid === self) return [];
  return [
    {
      level: 'warning',
      message: `The home belongs to user ${uid}, and the server runs as ${self}.`,
      advice: `Give it to the server's user (chown -R ${self} ${home.path}), or run the server as ${uid}.`,
    },
  ];
}

function textOf(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}
