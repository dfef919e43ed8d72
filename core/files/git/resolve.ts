import path from 'node:path';
import type { BotObjects } from './bot-objects.ts';
import { isObjectId } from './codec.ts';
import { readHead, readPlainId, readRef, readRefs } from './refs.ts';
import type { Commits } from './repository.ts';

export interface ResolvePlaces {
  readonly gitDir: string;
  readonly objects: BotObjects;
  readonly commits: Pick<Commits, 'commitOf'>;
}

/** How far back `~` may go. */
const STEPS_MAX = 10_000;

/** The commit that a name stands for: `main`, a tag, `HEAD`, a full or a unique short id, each with `~2` or `^` behind it. */
export async function resolveName(places: ResolvePlaces, name: string): Promise<string | undefined> {
  const [, base = '', steps = ''] = /^([^~^]+)((?:~\d*|\^\d?)*)$/.exec(name) ?? [];
  let id = base === '' ? undefined : await resolveBase(places, base);
  for (const [step] of steps.matchAll(/~\d*|\^\d?/g)) {
    const count = step.length > 1 ? Number(step.slice(1)) : 1;
    if (count > STEPS_MAX) return undefined;
    // `~3` goes back three times, `^3` to the third parent.
    const parents: number[] = step.startsWith('~')
      ? Array<number>(count).fill(1)
      : [count].filter((number) => number > 0);
    for (const number of parents) id = id && (await places.commits.commitOf(id)).parents[number - 1];
  }
  return id;
}

async function resolveBase({ gitDir, objects }: ResolvePlaces, name: string): Promise<string | undefined> {
  const refs = await readRefs(gitDir, ['refs/heads', 'refs/tags']);
  const named = ['', 'refs/', 'refs/tags/', 'refs/heads/'].map((prefix) => refs.get(prefix + name)).find(Boolean);
  const head = name === 'HEAD' ? await headOf(gitDir) : undefined;
  const id = head ?? named ?? (/^[0-9a-f]{4,40}$/.test(name) ? name : undefined);
  if (id === undefined) return undefined;
  if (isObjectId(id) && (await objects.read(id))?.kind === 'commit') return id;
  return objects.findCommit(id);
}

async function headOf(gitDir: string): Promise<string | undefined> {
  const ref = await readHead(gitDir);
  return ref === undefined ? readPlainId(path.join(gitDir, 'HEAD')) : readRef(gitDir, ref);
}
