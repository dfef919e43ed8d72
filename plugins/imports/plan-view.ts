import { createHash } from 'node:crypto';
import { checkContents, z, type Bots, type Files } from 'boternity';
import { createDiffs } from './diffs.ts';
import type { Draft, DraftBot, DraftFile, ImportFormat, ImportSource } from './format.ts';
import { freeSlug } from './free-slug.ts';
import { compareSkills } from './shared-skills.ts';

const said = z.object({ what: z.string(), why: z.string() });
const placed = z.object({ what: z.string(), where: z.string() });

const botPlan = z.object({
  name: z.string(),
  slug: z.string().describe('Name of its folder'),
  soul: z.string().nullable().describe('SHA-256 of its SOUL.md'),
  files: z.array(
    z.object({
      file: z.string(),
      bytes: z.number(),
      from: z.string().describe('What it is made of'),
      state: z.enum(['new', 'same', 'changed']).describe('How it stands to what it is made of'),
      note: z.string(),
      diff: z.string().optional().describe('What differs from what it is made of; when asked for'),
    }),
  ),
  memories: z.array(
    z.object({ text: z.string(), kind: z.string(), importance: z.number(), at: z.string().nullable() }),
  ),
  papers: z.array(z.string()).describe('Files kept beside the bot for people to read'),
  disabled: z.array(placed).describe('What arrives switched off'),
  problems: z.array(z.object({ file: z.string(), line: z.number(), level: z.string(), message: z.string() })),
});

/** What an import would do, before it does it. */
export const planView = z.object({
  id: z.string(),
  format: z.string(),
  title: z.string().describe('What it was taken for'),
  source: z.string(),
  isOwn: z.boolean().describe('Made by this product: nothing had to be translated'),
  expiresAt: z.string(),
  bots: z.array(botPlan),
  skills: z
    .array(z.object({ name: z.string(), files: z.number(), state: z.enum(['new', 'same', 'differs']) }))
    .describe('Skills that all bots share; one that differs from what is here is replaced only when you say so'),
  left: z.array(said).describe('What does not come along'),
  secrets: z.array(placed).describe('Keys in plain text; they are in no file that is written'),
});
export type PlanView = z.infer<typeof planView>;

export interface ViewParts {
  readonly bots: Bots;
  readonly files: Files;
}

export interface Planned {
  readonly id: string;
  readonly format: ImportFormat;
  readonly source: ImportSource;
  readonly draft: Draft;
  readonly expiresAt: Date;
  readonly slug: string | undefined;
}

/** Shows a plan to people. Nothing is changed by it. */
export async function viewPlan(planned: Planned, parts: ViewParts, withDiff: boolean): Promise<PlanView> {
  const { id, format, source, draft, expiresAt } = planned;
  const taken = new Set<string>();
  const bots: PlanView['bots'] = [];
  for (const bot of draft.bots) {
    const slug = freeSlug(parts.bots.slugs, taken, bot, planned.slug);
    taken.add(slug);
    bots.push(await viewBot(bot, slug, planned, parts, withDiff));
  }
  return {
    id,
    format: format.name,
    title: format.title,
    source: source.name,
    isOwn: format.isOwn,
    expiresAt: expiresAt.toISOString(),
    bots,
    skills: (await compareSkills(draft.skills ?? [], parts.files)).map(({ skill, state }) => ({
      name: skill.name,
      files: skill.files.size,
      state,
    })),
    left: [...source.left, ...(draft.left ?? [])],
    secrets: (draft.secrets ?? []).map(({ name, where }) => ({ what: name, where })),
  };
}

async function viewBot(
  bot: DraftBot,
  slug: string,
  { source }: Planned,
  { bots }: ViewParts,
  withDiff: boolean,
): Promise<PlanView['bots'][number]> {
  const contents = new Map(Array.from(bot.files, ([file, { content }]) => [file, content]));
  const soul = contents.get('SOUL.md');
  const diffs = createDiffs(source);
  const files: PlanView['bots'][number]['files'] = [];
  for (const [file, each] of bot.files) {
    files.push({
      file,
      bytes: Buffer.byteLength(each.content),
      from: each.from.join(', '),
      state: stateOf(each, source),
      note: each.note ?? '',
      ...(withDiff && { diff: await diffs.of(file, each) }),
    });
  }
  return {
    name: bot.name,
    slug,
    soul: soul === undefined ? null : digest(soul),
    files,
    memories: (bot.memories ?? []).map(({ text, kind, importance = 3, at }) => ({
      text: text.length > 200 ? `${text.slice(0, 199)}…` : text,
      kind,
      importance,
      at: at?.toISOString() ?? null,
    })),
    papers: [...(bot.papers?.keys() ?? [])],
    disabled: [...(bot.disabled ?? [])],
    problems: (await checkContents(bots.kinds, contents)).map(({ file, line, level, message }) => ({
      file,
      line,
      level,
      message,
    })),
  };
}

function stateOf({ from, content }: DraftFile, { files }: ImportSource): 'new' | 'same' | 'changed' {
  const [only] = from;
  if (only === undefined) return 'new';
  return from.length === 1 && files.get(only)?.sha256 === digest(content) ? 'same' : 'changed';
}

function digest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
