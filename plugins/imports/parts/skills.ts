import { editFrontMatter } from 'boternity';
import type { DraftFile, DraftSkill, ImportSource, Left } from '../format.ts';
import { splitMarkdown } from './markdown.ts';
import type { SecretCollector } from './secrets.ts';
import { safeName } from './workflow.ts';

const MAX_DEPTH = 6;
const MAX_FILES = 256;
const MAX_FILE = 1024 * 1024;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_DESCRIPTION = 1024;

export interface FoundSkills {
  readonly skills: readonly DraftSkill[];
  readonly left: readonly Left[];
}

/** The skills below some folders of a source, by the names that their front matter gives them; the first of two equal names wins. */
export async function skillsIn(
  source: ImportSource,
  folders: readonly string[],
  secrets: SecretCollector,
): Promise<FoundSkills> {
  const skills = new Map<string, DraftSkill>();
  const left: Left[] = [];
  for (const { folder, file } of skillFolders(source, folders)) {
    const inside = [...source.files.values()].filter(({ path }) => path.startsWith(`${folder}/`));
    const bytes = inside.reduce((sum, each) => sum + each.bytes, 0);
    if (inside.length > MAX_FILES || bytes > MAX_BYTES || inside.some((each) => each.bytes > MAX_FILE)) {
      left.push({ what: `${folder}/`, why: 'the skill is too large: 256 files, 1 MB each, 8 MB together' });
      continue;
    }
    const text = await source.text(file);
    const given = splitMarkdown(text ?? '').front.name;
    const name = safeName(typeof given === 'string' ? given : (folder.split('/').at(-1) ?? ''));
    if (text === undefined || skills.has(name)) {
      left.push({
        what: `${folder}/`,
        why: text === undefined ? 'its text is no UTF-8' : `there is a skill ${name} already`,
      });
      continue;
    }
    const files = new Map<string, DraftFile>();
    for (const { path, isExecutable } of inside) {
      if (path === file) continue;
      const clean = await cleaned(source, path, secrets);
      files.set(path.slice(folder.length + 1), { ...clean, from: [path], isExecutable });
    }
    files.set('SKILL.md', { ...(await asSkill(text, name, file, secrets)), from: [file] });
    skills.set(name, { name, files });
  }
  return { skills: [...skills.values()], left };
}

function skillFolders(source: ImportSource, folders: readonly string[]): { folder: string; file: string }[] {
  const found: { folder: string; file: string }[] = [];
  for (const path of [...source.files.keys()].toSorted((a, b) => a.split('/').length - b.split('/').length)) {
    const top = folders.find((each) => path.startsWith(`${each}/`));
    if (top === undefined || !/\/skill\.md$/i.test(path)) continue;
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (folder === top || folder.slice(top.length + 1).split('/').length > MAX_DEPTH) continue;
    if (!found.some((each) => folder.startsWith(`${each.folder}/`))) found.push({ folder, file: path });
  }
  return found;
}

/** The text of a skill as agentskills.io has it: its name that of its folder, its description there and not too long. */
async function asSkill(
  text: string,
  name: string,
  path: string,
  secrets: SecretCollector,
): Promise<{ content: string; note?: string }> {
  const { text: clean, count } = await secrets.clean(text, path);
  const { front, body } = splitMarkdown(clean);
  const given = typeof front.description === 'string' ? front.description.trim() : '';
  const description = (given === '' ? firstSentence(body, name) : given).slice(0, MAX_DESCRIPTION);
  const changes = [
    ...(front.name === name ? [] : [{ path: ['name'], value: name }]),
    ...(front.description === description ? [] : [{ path: ['description'], value: description }]),
  ];
  const isReadable = Object.keys(front).length > 0 || !clean.startsWith('---');
  const content = changes.length === 0 ? clean : await editFrontMatter(isReadable ? clean : body, changes);
  const notes = [
    ...changes.map(({ path: [key = ''] }) => `${key} made to fit`),
    ...(count > 0 ? [`${count} keys taken out`] : []),
  ];
  return { content, ...(notes.length > 0 && { note: notes.join(', ') }) };
}

function firstSentence(body: string, name: string): string {
  const line = body.split('\n').find((each) => each.trim() !== '' && !each.startsWith('#'));
  return line?.trim() ?? `Skill ${name}.`;
}

async function cleaned(
  source: ImportSource,
  path: string,
  secrets: SecretCollector,
): Promise<{ content: Uint8Array | string; note?: string }> {
  const text = await source.text(path);
  if (text === undefined || text.includes('\0')) return { content: (await source.read(path)) ?? '' };
  const { text: clean, count } = await secrets.clean(text, path);
  return { content: clean, ...(count > 0 && { note: `${count} keys taken out` }) };
}
