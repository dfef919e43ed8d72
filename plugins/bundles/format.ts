import { editFrontMatter, Fault, parseFrontMatter } from 'boternity';
import type { Draft, DraftFile, DraftSkill, ImportFormat, ImportSource, Left, Wishes } from '../imports/index.ts';
import { claimsManifest, MANIFEST, readManifest, type Manifest } from './manifest.ts';

/** An archive that `bnity export` made. */
export const exported: ImportFormat = {
  name: 'boternity',
  title: 'an export of Boternity',
  order: 10,
  isOwn: true,
  claims: async (source) => claimsManifest(await source.text(MANIFEST)),
  async draft(source, wishes) {
    const manifest = readManifest((await source.text(MANIFEST)) ?? '');
    assertWhole(source, manifest);
    const files = new Map<string, DraftFile>();
    const skills = new Map<string, Map<string, DraftFile>>();
    for (const { path, executable } of manifest.files) {
      const content = (await source.read(path)) ?? Buffer.alloc(0);
      const file: DraftFile = { content, from: [path], ...(executable && { isExecutable: true }) };
      const [top, name = '', ...inside] = path.split('/');
      if (top === 'bot') files.set(programPath(path.slice('bot/'.length)), file);
      else if (top === 'skills' && inside.length > 0)
        skills.set(name, (skills.get(name) ?? new Map<string, DraftFile>()).set(inside.join('/'), file));
      else throw new Fault('ARCHIVE_INVALID', `The archive holds "${path}", which belongs to no bot.`);
    }
    const name = wishes.name ?? manifest.name;
    await rename(files, wishes);
    return {
      bots: [
        { name, slug: wishes.name === undefined ? manifest.slug : name, files, from: `export of ${manifest.slug}` },
      ],
      skills: Array.from(skills, ([skill, inside]): DraftSkill => ({ name: skillName(skill), files: inside })),
    };
  },
};

/** The folder of a bot, as it lies in a home or comes from a clone. */
export const botFolder: ImportFormat = {
  name: 'folder',
  title: 'the folder of a bot',
  order: 40,
  isOwn: true,
  claims: ({ files }) => files.has('SOUL.md') && (files.has('bot.yaml') || files.has('AGENT.md')),
  async draft(source, wishes): Promise<Draft> {
    const files = new Map<string, DraftFile>();
    const left = new Map<string, Left>();
    for (const { path, isExecutable } of source.files.values()) {
      const top = path.split('/', 1)[0] ?? '';
      if (apart.has(top.toLowerCase())) {
        left.set(top, { what: `${top}/`, why: apart.get(top.toLowerCase()) ?? '' });
        continue;
      }
      files.set(programPath(path), { content: (await source.read(path)) ?? '', from: [path], isExecutable });
    }
    const soul = (await source.text('SOUL.md')) ?? '';
    const name = wishes.name ?? nameIn(soul) ?? source.name;
    await rename(files, wishes);
    return { bots: [{ name, files, from: `folder ${source.name}` }], left: [...left.values()] };
  },
};

const apart = new Map([
  ['.git', 'its history; push the folder instead to bring it along'],
  ['memory', 'what it learned is no part of its program'],
  ['conversations', 'what was said is no part of its program'],
  ['files', 'its files are no part of its program'],
  ['node_modules', 'packages are no part of its program'],
]);

/** Every file that the manifest names is there as it says, and nothing else. */
function assertWhole({ files, left }: ImportSource, manifest: Manifest): void {
  const wrong = (why: string): Fault => new Fault('ARCHIVE_INVALID', `The archive ${why}.`);
  const [link] = left;
  if (link) throw wrong(`holds "${link.what}", and ${link.why}`);
  const named = new Set(manifest.files.map(({ path }) => path));
  if (named.size !== manifest.files.length) throw wrong('names a file twice');
  for (const path of files.keys())
    if (path !== MANIFEST && !named.has(path)) throw wrong(`holds "${path}", which ${MANIFEST} does not name`);
  for (const { path, sha256 } of manifest.files) {
    const found = files.get(path);
    if (!found) throw wrong(`lacks "${path}"`);
    if (found.sha256 !== sha256) throw wrong(`holds "${path}" with other content than ${MANIFEST} says`);
  }
  if (files.get('bot/SOUL.md')?.sha256 !== manifest.soul) throw wrong(`holds another soul than ${MANIFEST} says`);
}

/** Another name for people. The soul stays as it is, to the byte. */
async function rename(files: Map<string, DraftFile>, { name }: Wishes): Promise<void> {
  if (name === undefined) return;
  const before = files.get('IDENTITY.md');
  const text = before ? Buffer.from(before.content).toString() : '';
  const content = await editFrontMatter(text, [{ path: ['display_name'], value: name }]);
  files.set('IDENTITY.md', { content, from: before?.from ?? [], note: `called ${name}` });
}

function nameIn(soul: string): string | undefined {
  try {
    const { name } = parseFrontMatter(soul).data as { name?: unknown };
    return typeof name === 'string' && name.trim() !== '' ? name.trim() : undefined;
  } catch {
    return undefined;
  }
}

function skillName(name: string): string {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return name;
  throw new Fault('ARCHIVE_INVALID', `The archive holds a skill with the name ${JSON.stringify(name.slice(0, 80))}.`);
}

/** A path that may be part of a bot's program. */
function programPath(path: string): string {
  const names = path.split('/');
  const isGit = names.some((name) => /^\.git|^git~\d/i.test(name.normalize('NFKC')) && name !== '.gitignore');
  if (isGit || apart.has((names[0] ?? '').toLowerCase()))
    throw new Fault('ARCHIVE_INVALID', `The archive holds "${path}", which is no part of a bot's program.`);
  return path;
}
