import { createHash } from 'node:crypto';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createId, Fault, type Files, type Home } from 'boternity';
import type { DraftSkill } from './format.ts';

export interface ComparedSkill {
  readonly skill: DraftSkill;
  readonly state: 'new' | 'same' | 'differs';
}

/** How skills that all bots share stand to those that are here. */
export async function compareSkills(skills: readonly DraftSkill[], files: Files): Promise<ComparedSkill[]> {
  return Promise.all(
    skills.map(async (skill): Promise<ComparedSkill> => {
      const here = await digestsIn(files, `skills/${skill.name}`);
      if (here.size === 0) return { skill, state: 'new' };
      const isSame =
        here.size === skill.files.size &&
        Array.from(skill.files).every(([file, { content }]) => here.get(file) === digest(content));
      return { skill, state: isSame ? 'same' : 'differs' };
    }),
  );
}

export interface PlacedSkills {
  /** Takes them out again and puts back what was there. */
  undo(): Promise<void>;
  /** Throws away what was replaced. */
  keep(): Promise<void>;
}

/** Puts skills into the home's `skills` folder, each in one step. */
export async function placeSkills(skills: readonly DraftSkill[], home: Home): Promise<PlacedSkills> {
  const placed: PlacedSkills[] = [];
  const all: PlacedSkills = {
    async undo() {
      for (const each of placed.toReversed()) await each.undo();
    },
    async keep() {
      for (const each of placed) await each.keep();
    },
  };
  try {
    for (const skill of skills) placed.push(await placeSkill(skill, home));
  } catch (error) {
    await all.undo();
    throw Fault.from(error);
  }
  return all;
}

async function placeSkill({ name, files }: DraftSkill, home: Home): Promise<PlacedSkills> {
  const staged = `.boternity/staging/${createId()}`;
  const place = path.join(home.path, 'skills', name);
  const before = path.join(home.path, staged, 'before');
  for (const [file, { content, isExecutable = false }] of files) {
    await home.files.write(`${staged}/new/${file}`, content);
    if (isExecutable) await chmod(path.join(home.path, staged, 'new', file), 0o755);
  }
  await mkdir(path.dirname(place), { recursive: true });
  const had = await rename(place, before).then(
    () => true,
    () => false,
  );
  await rename(path.join(home.path, staged, 'new'), place);
  return {
    async undo() {
      await rm(place, { recursive: true, force: true });
      if (had) await rename(before, place);
      await home.files.remove(staged);
    },
    keep: () => home.files.remove(staged),
  };
}

async function digestsIn(files: Files, folder: string, below = ''): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { name, kind } of await files.list(below === '' ? folder : `${folder}/${below}`)) {
    const inside = below === '' ? name : `${below}/${name}`;
    if (kind === 'folder') for (const [file, sum] of await digestsIn(files, folder, inside)) found.set(file, sum);
    else found.set(inside, digest((await files.read(`${folder}/${inside}`)) ?? ''));
  }
  return found;
}

function digest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
