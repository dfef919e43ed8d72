import { z } from 'zod';
import { timestamp, systemClock } from '../base/clock.ts';
import type { Files } from '../files/files.ts';
import { isCode, MCP, SETTINGS, type Look } from './sealed.ts';

const digests = z.record(z.string(), z.string());

const recordSchema = z.object({
  version: z.literal(1),
  /** The commit whose sealed files these are; absent before the first. */
  commit: z.string().optional(),
  /** The first commit of the repository: tells a renamed folder from another bot. */
  root: z.string().optional(),
  at: z.string(),
  /** Who changed the identity last, by name. */
  by: z.string(),
  /** Sealed file → digest. */
  files: digests,
  /** Digest of the sealed keys of bot.yaml. */
  keys: z.string(),
  /** Code that a person granted: path, or `bot.yaml#mcp`, → digest. */
  granted: digests,
  /** A change that waits for a person: since when, and what was found. */
  waiting: z.object({ since: z.string(), files: digests }).optional(),
});

/** Who a bot is, as people left it: kept in `.boternity/seals`, where nothing that runs for a bot can write. */
export type Seal = z.output<typeof recordSchema>;

/** A sealed file that is not what people left: its digest now (empty when it is gone). */
export interface Broken {
  readonly path: string;
  readonly found: string;
}

/** Where the seal of a bot is kept, from the home. */
export const sealPath = (id: string): string => `.boternity/seals/${id}.json`;

/** The seal of a bot; undefined when it never had one. A broken record counts as none and is told to `onBroken` with its path. */
export async function readSeal(
  files: Files,
  id: string,
  onBroken: (file: string, reason: string) => void | Promise<void>,
): Promise<Seal | undefined> {
  try {
    const content = await files.read(sealPath(id));
    return content && recordSchema.parse(JSON.parse(content.toString()));
  } catch (error) {
    await onBroken(sealPath(id), error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

export async function writeSeal(files: Files, id: string, seal: Seal): Promise<void> {
  await files.write(sealPath(id), `${JSON.stringify(seal, null, 2)}\n`);
}

export async function removeSeal(files: Files, id: string): Promise<void> {
  await files.remove(sealPath(id));
}

/** What differs from the seal. bot.yaml counts by its sealed keys alone. */
export function compare(seal: Seal, look: Look): Broken[] {
  const paths = new Set([...Object.keys(seal.files), ...[...look.seen.keys()].filter((path) => path !== SETTINGS)]);
  const broken = [...paths].flatMap((path): Broken[] => {
    const found = look.seen.get(path)?.digest ?? '';
    return found === (seal.files[path] ?? '') ? [] : [{ path, found }];
  });
  if (look.keys !== undefined && look.keys !== seal.keys) broken.push({ path: SETTINGS, found: look.keys });
  return broken.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Code that lies in the folder and was not granted as it is now. */
export function ungranted(seal: Seal | undefined, look: Look): Broken[] {
  const code = [...look.seen].filter(([path]) => isCode(path)).map(([path, { digest }]) => ({ path, found: digest }));
  const all = look.mcp === undefined ? code : [...code, { path: MCP, found: look.mcp }];
  return all.filter(({ path, found }) => seal?.granted[path] !== found);
}

export interface Sealing {
  /** The commit that is live now; that of the seal before when absent. */
  readonly commit?: string | undefined;
  readonly by: string;
  /** Code to grant with it, by path; everything that is there with `all`. */
  readonly grant: ReadonlySet<string> | 'all';
}

/** The seal over what is there now. What waits stays as it was sealed; grants of code that is as it was stay; the rest needs a person. */
export function sealOver(
  before: Seal | undefined,
  look: Look,
  { commit = before?.commit, by, grant }: Sealing,
  waiting: readonly Broken[] = [],
): Seal {
  const isWaiting = new Set(waiting.map(({ path }) => path));
  const files = Object.fromEntries([
    ...[...look.seen]
      .filter(([path]) => path !== SETTINGS && !isWaiting.has(path))
      .map(([path, { digest }]) => [path, digest] as const),
    ...Object.entries(before?.files ?? {}).filter(([path]) => isWaiting.has(path)),
  ]);
  const root = before?.root ?? commit;
  return {
    version: 1,
    ...(commit !== undefined && { commit }),
    ...(root !== undefined && { root }),
    at: timestamp(systemClock),
    by,
    files,
    keys: isWaiting.has(SETTINGS) ? (before?.keys ?? '') : (look.keys ?? before?.keys ?? ''),
    granted: grantsOf(before, look, grant),
    ...(before?.waiting && waiting.length > 0 && { waiting: before.waiting }),
  };
}

function grantsOf(before: Seal | undefined, look: Look, grant: Sealing['grant']): Record<string, string> {
  const fresh = new Set(ungranted(before, look).map(({ path }) => path));
  const code = [...look.seen].filter(([path]) => isCode(path)).map(([path, { digest }]) => [path, digest] as const);
  const all = look.mcp === undefined ? code : [...code, [MCP, look.mcp] as const];
  return Object.fromEntries(all.filter(([path]) => !fresh.has(path) || grant === 'all' || grant.has(path)));
}
