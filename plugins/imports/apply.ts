import { createHash } from 'node:crypto';
import { covers, createId, Fault, type Actions, type Bot, type Bots, type Caller, type Home } from 'boternity';
import type { Origins } from '../fleet/origins.ts';
import type { DraftBot, DraftMemory, DraftSecret } from './format.ts';
import { freeSlug } from './free-slug.ts';
import type { Planned } from './plan-view.ts';
import { compareSkills, placeSkills } from './shared-skills.ts';

export interface ApplyParts {
  readonly home: Home;
  readonly bots: Bots;
  readonly origins: Origins;
  readonly actions: Actions;
}

export interface ApplyWishes {
  /** What becomes of a shared skill that differs from the one here. */
  readonly skills: 'refuse' | 'replace' | 'keep';
  /** Whether keys that stood in plain text are put into the vault. */
  readonly secrets: boolean;
}

export interface Applied {
  readonly bots: readonly Bot[];
  readonly skills: readonly string[];
  readonly secrets: readonly string[];
}

/** Memories in one folder of a day; more continue in `<day>.2`. */
const FOLDER_LIMIT = 1_000;

/** Makes what a plan says, whole or not at all. */
export async function applyPlan(
  planned: Planned,
  parts: ApplyParts,
  wishes: ApplyWishes,
  caller: Caller,
): Promise<Applied> {
  const { draft } = planned;
  for (const bot of draft.bots) assertCanTalk(bot);
  const skills = await skillsToPlace(planned, parts, wishes, caller);
  const placed = await placeSkills(skills, parts.home);
  const made: Bot[] = [];
  try {
    for (const bot of draft.bots) made.push(await makeBot(bot, planned, parts, caller));
  } catch (error) {
    for (const { slug } of made) await parts.bots.remove(slug);
    await placed.undo();
    throw error;
  }
  await placed.keep();
  const secrets = wishes.secrets ? await keepSecrets(draft.secrets ?? [], parts.actions, caller) : [];
  return { bots: made, skills: skills.map(({ name }) => name), secrets };
}

function assertCanTalk({ name, files }: DraftBot): void {
  if (!files.has('SOUL.md')) throw new Fault('IMPORT_REFUSED', `${name} would have no SOUL.md, and could not talk.`);
}

async function skillsToPlace(
  { draft }: Planned,
  { home }: ApplyParts,
  wishes: ApplyWishes,
  caller: Caller,
): Promise<NonNullable<typeof draft.skills>> {
  const compared = (await compareSkills(draft.skills ?? [], home.files)).filter(({ state }) => state !== 'same');
  const differing = compared.filter(({ state }) => state === 'differs').map(({ skill }) => skill.name);
  if (differing.length > 0 && wishes.skills === 'refuse') {
    throw new Fault('IMPORT_CONFLICT', `Shared skills of this server differ: ${differing.join(', ')}.`, {
      details: differing.map((name) => ({ path: `skills/${name}`, message: 'differs from the one in the import' })),
    });
  }
  const placed = compared.filter(({ state }) => state === 'new' || wishes.skills === 'replace');
  if (placed.length > 0 && !covers(caller.grants, 'skills:write'))
    throw new Fault(
      'CALLER_DENIED',
      `${caller.name} may not change skills that all bots share; it needs the grant skills:write.`,
    );
  return placed.map(({ skill }) => skill);
}

async function makeBot(draft: DraftBot, planned: Planned, parts: ApplyParts, caller: Caller): Promise<Bot> {
  const { bots, origins, home } = parts;
  const contents = new Map(Array.from(draft.files, ([file, { content }]) => [file, content]));
  const slug = freeSlug(bots.slugs, new Set(), draft, planned.slug);
  const bot = await bots.create(slug, contents, { by: caller, why: `Import ${draft.from}` });
  try {
    assertSoul(bot, draft);
    await origins.record(bot.id, { kind: 'import', from: draft.from });
    await keepMemories(draft.memories ?? [], bot, home);
    for (const [file, { content }] of draft.papers ?? [])
      await home.files.write(`data/${slug}/files/imported/${file}`, content);
  } catch (error) {
    await bots.remove(slug);
    throw error;
  }
  return bot;
}

/** What was made is what was sent, to the byte. */
function assertSoul(bot: Bot, { files }: DraftBot): void {
  const wanted = createHash('sha256')
    .update(files.get('SOUL.md')?.content ?? '')
    .digest('hex');
  if (bot.files.soul?.digest !== wanted)
    throw new Fault('IMPORT_REFUSED', `The soul of ${bot.slug} is not the one that came in; nothing was kept.`);
}

async function keepMemories(memories: readonly DraftMemory[], { id, slug }: Bot, { files }: Home): Promise<void> {
  const perDay = new Map<string, number>();
  for (const { text, kind, origin, category = 'fact', importance = 3, triggers, at = new Date() } of memories) {
    const day = at.toISOString().slice(0, 10);
    const count = perDay.get(day) ?? 0;
    perDay.set(day, count + 1);
    const folder = count < FOLDER_LIMIT ? day : `${day}.${Math.floor(count / FOLDER_LIMIT) + 1}`;
    const memory = {
      id: createId(),
      kind,
      text,
      category,
      importance,
      origin,
      source: { bot: id },
      ...(triggers && triggers.length > 0 && { triggers }),
      created_at: at.toISOString(),
      uses: 0,
    };
    await files.write(`bots/${slug}/memory/${folder}/${memory.id}.json`, `${JSON.stringify(memory, null, 2)}\n`);
  }
}

/** Puts keys into the vault in the caller's name, who needs the right to. */
async function keepSecrets(secrets: readonly DraftSecret[], actions: Actions, caller: Caller): Promise<string[]> {
  const kept: string[] = [];
  for (const { name, value } of secrets) {
    await actions.run('secrets.set', {
      caller,
      door: 'http',
      signal: new AbortController().signal,
      progress: () => undefined,
      input: { name, value },
    });
    kept.push(name);
  }
  return kept;
}
