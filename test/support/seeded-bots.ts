import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createId } from '../../core/base/ids.ts';
import { readTemplate } from '../../plugins/fleet/templates.ts';
import type { SeededOwner } from './seeded-journal.ts';
import { hostile, proseOf } from './seeded-texts.ts';

/** Bots with something wrong, by what it is. They stand at the end of the fleet. */
export const troubles = {
  yaml: 'broken-yaml',
  frontMatter: 'broken-front-matter',
  settings: 'wrong-settings',
  model: 'missing-model',
  seal: 'waiting-seal',
  code: 'waiting-code',
  quarantine: 'quarantined',
  memory: 'broken-memory',
  history: 'lost-history',
  skill: 'broken-skill',
  hostile: 'hostile-names',
  disabled: 'disabled-one',
  archived: 'archived-one',
} as const;

/** What is broken on disk once the bots have a history, so that a last good version stays in use: path → text. */
export const damages: Readonly<Record<string, string>> = {
  [`bots/${troubles.yaml}/bot.yaml`]: 'status: active\nmodel: { default: [demo\ntools:\n\tallow: x\n',
  [`bots/${troubles.frontMatter}/SOUL.md`]: '---\nname: "Unclosed\ntraits: [a, b\n---\n\nYou are kind.\n',
  [`bots/${troubles.settings}/bot.yaml`]: 'status: sleeping\nmodell: demo\ncapabilities: { spawn: perhaps }\n',
  [`bots/${troubles.settings}/IDENTITY.md`]:
    '---\ndisplay_name: Wrong settings\naccent_color: reddish\ncategory: other\n---\n',
  [`bots/${troubles.memory}/memory/2026-11-01/0192-broken.json`]: '{"id": "0192-broken", "text": \n',
  [`bots/${troubles.skill}/skills/no-front-matter/SKILL.md`]: '# A skill that does not say what it is for\n',
  [`bots/${troubles.history}/.git/HEAD`]: 'ref: refs/heads/nowhere\n',
};

const emoji = ['🌱', '🔭', '🛠️', '✒️', '🎻', '🧭', '🫖', '🪴', '📚', '🧮', '🎲', '🕯️'];
const colors = ['#2f855a', '#6366f1', '#b45309', '#be123c', '#0e7490', '#7c3aed', '#4d7c0f', '#a16207'];
const categories = ['assistant', 'creative', 'research', 'utility'];
const templates = ['assistant', 'coder', 'researcher', 'writer'] as const;
const names = [
  'مساعد',
  'עוזרת',
  'A name that is much too long for any card, and yet somebody gave it to a bot one day',
];

/** Writes the folders of a fleet and the table of its ids. The first is `assistant`. */
export async function writeBots(home: string, many: number): Promise<SeededOwner[]> {
  const last = Object.values(troubles);
  const slugs = Array.from({ length: many }, (_, at) => {
    const trouble = last[at - (many - last.length)];
    return trouble ?? (at === 0 ? 'assistant' : `bot-${String(at).padStart(2, '0')}`);
  });
  for (const [at, slug] of slugs.entries()) await writeBot(home, slug, at);
  const owners = slugs.map((slug) => ({ slug, id: createId() }));
  const table = `${JSON.stringify(Object.fromEntries(owners.map(({ slug, id }) => [slug, id])), null, 2)}\n`;
  for (const file of ['bots.json', 'bots.copy.json']) await write(home, `.boternity/${file}`, table);
  return owners;
}

async function writeBot(home: string, slug: string, at: number): Promise<void> {
  const name = slug === troubles.hostile ? hostile[0] : (names[at - 5] ?? nameOf(slug, at));
  const files = await readTemplate(templates[at % templates.length] ?? 'assistant', name);
  if (at > 0) files.set('IDENTITY.md', identityOf(name, slug, at));
  if (slug === troubles.model) files.set('bot.yaml', 'status: active\nmodel:\n  default: nowhere/gone-model-9000\n');
  if (slug === troubles.code) files.set('hooks/before_inference', '#!/bin/sh\necho hi\n');
  if (slug === troubles.archived) files.set('bot.yaml', 'status: archived\n');
  if (slug === troubles.disabled) files.set('bot.yaml', 'status: disabled\n');
  for (const [file, text] of files) await write(home, `bots/${slug}/${file}`, text);
}

function nameOf(slug: string, at: number): string {
  const plain = slug.replaceAll('-', ' ');
  return slug.startsWith('bot-')
    ? `${proseOf(1, at).replace('.', '')} ${at}`
    : plain.replace(/^./, (first) => first.toUpperCase());
}

function identityOf(name: string, slug: string, at: number): string {
  const description = slug === troubles.hostile ? hostile[1] : proseOf(5 + (at % 9), at);
  return [
    '---',
    `display_name: ${JSON.stringify(name)}`,
    `emoji: ${emoji[at % emoji.length] ?? ''}`,
    `accent_color: "${colors[at % colors.length] ?? ''}"`,
    `description: ${JSON.stringify(description)}`,
    `category: ${categories[at % categories.length] ?? ''}`,
    `tags: [seeded, n${at % 5}]`,
    '---',
    '',
  ].join('\n');
}

/** Writes memories of bots as files: facts and notes of a year, some of them shared words with others. */
export async function writeMemories(
  home: string,
  bots: readonly SeededOwner[],
  each: number,
  now: number,
): Promise<void> {
  for (const { slug } of bots.slice(0, 6))
    for (let at = 0; at < each; at += 1) {
      const id = createId();
      const made = new Date(now - at * 30 * 3_600_000).toISOString();
      const memory = {
        id,
        kind: at % 7 === 0 ? 'note' : 'fact',
        text: at % 19 === 0 ? 'המשתמש גר בחיפה ואוהב קפה שחור.' : `The user said: ${proseOf(6 + (at % 20), at)}`,
        category: (['preference', 'fact', 'decision', 'context', 'correction'] as const)[at % 5],
        importance: 1 + (at % 5),
        origin: (['owner', 'agent', 'untrusted', 'system'] as const)[at % 4],
        source: {},
        created_at: made,
        uses: at % 6,
      };
      await write(home, `bots/${slug}/memory/${made.slice(0, 10)}/${id}.json`, `${JSON.stringify(memory, null, 2)}\n`);
    }
}

/** Writes what calls of models took in the last weeks. */
export async function writeUsage(home: string, bots: readonly SeededOwner[], days: number, now: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    const lines = Array.from({ length: 30 + ((day * 7) % 40) }, (_, at) => {
      const when = new Date(now - day * 86_400_000 - at * 60_000);
      const bot = bots[(at * 3 + day) % bots.length];
      const hasFailed = at % 17 === 3;
      return {
        at: when.toISOString(),
        purpose: at % 11 === 0 ? 'title' : 'chat',
        bot: bot?.id ?? null,
        conversation: null,
        turn: null,
        run: null,
        provider: at % 3 === 0 ? 'cloud' : 'demo',
        model: at % 3 === 0 ? 'big-model' : 'demo',
        outcome: hasFailed ? 'overload' : 'end',
        input: 1_200 + at,
        output: hasFailed ? null : 240,
        cacheRead: 800,
        cacheWrite: null,
        cost: at % 3 === 0 ? 0.0123 : 0,
        price: 'catalogue',
        firstTokenMs: 300,
        durationMs: 2_100,
        calls: [],
        tools: [],
        compaction: null,
        recalled: at % 4,
      };
    });
    const name = new Date(now - day * 86_400_000).toISOString().slice(0, 10);
    await write(
      home,
      `.boternity/usage/${name}.jsonl`,
      lines
        .toReversed()
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
  }
}

async function write(home: string, file: string, text: string): Promise<void> {
  const place = path.join(home, file);
  await mkdir(path.dirname(place), { recursive: true });
  await writeFile(place, text);
}
