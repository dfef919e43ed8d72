import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Borrowed } from './borrowed.ts';
import { isObjectId } from './codec.ts';
import { expectDone } from './history.ts';
import { checkObjects, type Look } from './inspect.ts';
import { readPlainText } from './objects.ts';
import type { GitCall, GitProgram } from './program.ts';
import { readRefs } from './refs.ts';

/** How many loose objects or packs make it worth the work. */
const LOOSE_MIN = 300;
const PACKS_MIN = 20;
/** Unreachable objects younger than this may belong to something that is not finished. */
const KEPT = '2.weeks.ago';
const REPACK_MS = 1_800_000;

export interface TidyOptions {
  readonly gitDir: string;
  readonly look: Look;
  readonly borrowed: Borrowed;
  readonly program: GitProgram;
  /** Prepares the repository for git; asked only when there is something to do. */
  readonly call: () => Promise<GitCall>;
}

/** Packs the objects of a repository, when there are many. Everything that any ref, log, index or unfinished step names stays. */
export async function tidy({ gitDir, look, borrowed, program, call: prepare }: TidyOptions): Promise<void> {
  if (!(await isWorthwhile(gitDir, look))) return;
  const call = await prepare();
  await checkObjects(gitDir, look);
  const roots = await rootsOf(gitDir, look, async (ids) => {
    const input = ids.map((id) => `${id}\n`).join('');
    const { stdout } = await program.run({ ...call, args: ['cat-file', '--batch-check'], input });
    return stdout
      .toString()
      .split('\n')
      .filter((line) => / \w+ \d+$/.test(line))
      .map((line) => line.slice(0, 40));
  });
  await borrowed.showRefs(roots);
  const env = { ...call.env, ...(look.names.has('index') && { GIT_INDEX_FILE: path.join(gitDir, 'index') }) };
  const isShared = look.names.has('worktrees');
  const packing = isShared ? ['-d', '-l'] : ['-A', '-d', '-l', `--unpack-unreachable=${KEPT}`];
  const steps = [['repack', '--quiet', ...packing], ...(isShared ? [] : [['prune', `--expire=${KEPT}`]])];
  for (const args of steps) {
    const output = await program.run({ ...call, env, args, timeoutMs: REPACK_MS });
    expectDone(args[0] ?? '', output);
  }
}

async function isWorthwhile(gitDir: string, look: Look): Promise<boolean> {
  const count = async (folder: string): Promise<number> =>
    (await readdir(path.join(gitDir, 'objects', folder)).catch(() => [])).length;
  const loose = await Promise.all(look.fans.map(count));
  if (loose.reduce((sum, one) => sum + one, 0) >= LOOSE_MIN) return true;
  return (await count('pack')) / 2 >= PACKS_MIN;
}

/** Refs for git: all of the repository's own, and one for each id that a log or an unfinished step still names. */
async function rootsOf(
  gitDir: string,
  look: Look,
  present: (ids: readonly string[]) => Promise<string[]>,
): Promise<Map<string, string>> {
  const refs = await readRefs(gitDir, ['refs']);
  const loose = [...look.names.values()].filter((entry) => entry.isFile() && /^[A-Z_]+$/.test(entry.name));
  const files = [...loose.map(({ name }) => name), ...(await filesBelow(gitDir, 'logs'))];
  const texts = await Promise.all(files.map((file) => readPlainText(path.join(gitDir, file))));
  const named = texts.flatMap((text) => text?.match(/\b[0-9a-f]{40}\b/g) ?? []);
  const kept = await present([...new Set([...refs.values(), ...named])].filter(isObjectId));
  const there = new Set(kept);
  const own = [...refs].filter(([, id]) => there.has(id));
  return new Map([...own, ...kept.map((id, at): [string, string] => [`refs/kept/${at}`, id])]);
}

async function filesBelow(gitDir: string, folder: string): Promise<string[]> {
  const entries = await readdir(path.join(gitDir, folder), { withFileTypes: true }).catch(() => []);
  const found = entries.map(async (entry): Promise<string[]> => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(gitDir, name);
    return entry.isFile() ? [name] : [];
  });
  return (await Promise.all(found)).flat();
}
