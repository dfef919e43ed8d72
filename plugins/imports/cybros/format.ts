import { editFrontMatter, parseYaml, type FileKind } from 'boternity';
import type { Disabled, Draft, DraftFile, DraftMemory, ImportFormat, ImportSource, Left, Wishes } from '../format.ts';
import { dailyNotes, dayIn } from '../parts/daily.ts';
import { asBotFile, splitMarkdown } from '../parts/markdown.ts';
import { SecretCollector } from '../parts/secrets.ts';
import { fitSettings } from '../parts/settings.ts';
import { skillsIn } from '../parts/skills.ts';
import { safeName } from '../parts/workflow.ts';

type Values = Readonly<Record<string, unknown>>;

const AGENT = /^agent\.ya?ml$/;

/** Where the files of a Cybros agent lie here. The first that fits counts. */
const places: readonly (readonly [RegExp, (path: string) => string])[] = [
  [/^(SOUL|USER|AGENT|AGENTS)\.md$/, (path) => path],
  [/^prompts\/[^/]+\.liquid$/, (path) => path],
  [/^personas\/[^/]+\/(SOUL\.md|system\.md\.liquid)$/, (path) => path],
  [/^personas\/[^/]+\/persona\.yml$/, (path) => path.replace(/\.yml$/, '.yaml')],
  [/^tools\/[^/]+\.yml$/, (path) => path.replace(/\.yml$/, '.yaml')],
  [/^(tools|hooks)\/[^/]+$/, (path) => path],
  [/^data\/(facts|lorebook)\.ya?ml$/, (path) => path.replace(/\.yml$/, '.yaml')],
];

/** The folder of a Cybros agent: `agent.yml` and what stands beside it. */
export function cybros(kinds: () => Iterable<[string, FileKind]>): ImportFormat {
  return {
    name: 'cybros',
    title: 'a Cybros agent',
    order: 30,
    isOwn: false,
    claims: (source) => [...source.files.keys()].some((path) => AGENT.test(path)),
    draft: (source, wishes) => draftOf(source, wishes, [...kinds()]),
  };
}

async function draftOf(source: ImportSource, wishes: Wishes, kinds: readonly [string, FileKind][]): Promise<Draft> {
  const secrets = new SecretCollector();
  const files = new Map<string, DraftFile>();
  const left: Left[] = [];
  const config = [...source.files.keys()].find((path) => AGENT.test(path)) ?? 'agent.yml';
  const said = readAgent((await source.text(config)) ?? '', config, left);
  const name = wishes.name ?? textOf(said.name) ?? source.name;
  const memories: DraftMemory[] = [];
  for (const path of source.files.keys()) {
    const place = places.find(([pattern]) => pattern.test(path))?.[1](path);
    if (path === config || path.startsWith('skills/')) continue;
    if (place !== undefined) files.set(place, await fileOf(source, path, place, secrets));
    else if (/^memory\/[^/]+\.md$/.test(path) && dayIn(path)) memories.push(...(await diary(source, path, secrets)));
    else left.push({ what: path, why: 'it belongs to no part of a bot' });
  }
  await looks(files, said, name);
  left.push(...(await skills(source, files, secrets)));
  const fitted = await settings(said, kinds, config);
  files.set('bot.yaml', { content: fitted.text, from: [config] });
  const order = ['SOUL.md', 'IDENTITY.md', 'USER.md', 'AGENT.md', 'bot.yaml'];
  const rank = (file: string): number => order.indexOf(file) + 1 || order.length + 1;
  const sorted = new Map([...files].toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)));
  return {
    bots: [
      {
        name,
        files: sorted,
        memories,
        disabled: codeIn(files),
        from: `Cybros agent ${textOf(said.name) ?? source.name}`,
      },
    ],
    left: [...left, ...fitted.left],
    secrets: secrets.all,
  };
}

/** A text that is no mapping says nothing; YAML with tags or endless aliases is refused by the parser. */
function readAgent(text: string, file: string, left: Left[]): Values {
  try {
    const value: unknown = parseYaml(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
  } catch (error) {
    left.push({ what: file, why: `it cannot be read: ${error instanceof Error ? error.message : ''}` });
    return {};
  }
}

async function fileOf(source: ImportSource, path: string, place: string, secrets: SecretCollector): Promise<DraftFile> {
  const isExecutable = source.files.get(path)?.isExecutable ?? false;
  const text = await source.text(path);
  if (text === undefined || text.includes('\0'))
    return { content: (await source.read(path)) ?? '', from: [path], isExecutable };
  const clean = await secrets.clean(text, path);
  const note = clean.count > 0 ? { note: `${clean.count} keys taken out` } : {};
  return { content: place.endsWith('.md') ? asBotFile(clean.text) : clean.text, from: [path], isExecutable, ...note };
}

async function diary(source: ImportSource, path: string, secrets: SecretCollector): Promise<DraftMemory[]> {
  const { text } = await secrets.clean((await source.text(path)) ?? '', path);
  const day = dayIn(path);
  return day ? dailyNotes(splitMarkdown(text).body, day) : [];
}

/** Name and description of agent.yml stand in IDENTITY.md here. A bot without a soul gets one. */
async function looks(files: Map<string, DraftFile>, said: Values, name: string): Promise<void> {
  const description = textOf(said.description);
  const changes = [
    { path: ['display_name'], value: name },
    ...(description === undefined ? [] : [{ path: ['description'], value: description }]),
  ];
  files.set('IDENTITY.md', { content: await editFrontMatter('', changes), from: ['agent.yml'] });
  if (!files.has('SOUL.md'))
    files.set('SOUL.md', {
      content: await editFrontMatter('', [{ path: ['name'], value: name }]),
      from: [],
      note: 'there was none',
    });
}

/** Skills as folders, and those that were a single file each. */
async function skills(source: ImportSource, files: Map<string, DraftFile>, secrets: SecretCollector): Promise<Left[]> {
  const found = await skillsIn(source, ['skills'], secrets);
  for (const skill of found.skills)
    for (const [file, draft] of skill.files) files.set(`skills/${skill.name}/${file}`, draft);
  const left: Left[] = [...found.left];
  for (const path of source.files.keys()) {
    const base = /^skills\/([^/]+)\.md$/.exec(path)?.[1];
    const text = base === undefined ? undefined : await source.text(path);
    if (base === undefined || text === undefined) continue;
    const name = safeName(base);
    if (files.has(`skills/${name}/SKILL.md`)) left.push({ what: path, why: `there is a skill ${name} already` });
    else files.set(`skills/${name}/SKILL.md`, await singleFile(text, name, path, secrets));
  }
  const taken = new Set([...files.values()].flatMap(({ from }) => from));
  const isNamed = (path: string): boolean => left.some(({ what }) => path.startsWith(what));
  for (const path of source.files.keys())
    if (path.startsWith('skills/') && !taken.has(path) && !isNamed(path))
      left.push({ what: path, why: 'it belongs to no skill' });
  return left;
}

async function singleFile(text: string, name: string, path: string, secrets: SecretCollector): Promise<DraftFile> {
  const { text: clean } = await secrets.clean(text, path);
  const { front, body } = splitMarkdown(clean);
  const line = body.split('\n').find((each) => each.trim() !== '' && !each.startsWith('#'));
  const description = (textOf(front.description) ?? line?.trim() ?? `Skill ${name}.`).slice(0, 1024);
  const content = await editFrontMatter(Object.keys(front).length > 0 ? clean : body, [
    { path: ['name'], value: name },
    { path: ['description'], value: description },
  ]);
  return { content, from: [path], note: 'a folder of its own' };
}

async function settings(
  said: Values,
  kinds: readonly [string, FileKind][],
  file: string,
): Promise<{ text: string; left: Left[] }> {
  const model = valuesOf(said.model);
  const tools = valuesOf(said.tools);
  const personas = valuesOf(said.personas);
  const capabilities = valuesOf(said.capabilities);
  const { text, left } = await fitSettings(kinds, {
    model: defined({ default: textOf(model.default), prefer: listOf(model.prefer) }),
    tools: defined({ allow: listOf(tools.allow) }),
    personas: defined({ default: personas.default, available: listOf(personas.available), router: personas.router }),
    args: valuesOf(said.args),
  });
  const known = new Set(['name', 'description', 'model', 'tools', 'personas', 'hooks', 'capabilities', 'args']);
  const granted = Object.entries(capabilities).filter(([, value]) => value === true);
  return {
    text,
    left: [
      ...left,
      ...granted.map(([key]) => ({ what: `capability ${key}`, why: 'only a person grants it here, after the import' })),
      ...Object.keys(said)
        .filter((key) => !known.has(key))
        .map((key) => ({ what: `${file} ${key}`, why: 'nothing here has that meaning' })),
    ],
  };
}

/** Code arrives and waits for a person. */
function codeIn(files: ReadonlyMap<string, DraftFile>): Disabled[] {
  return [...files.keys()]
    .filter((file) => /^(tools|hooks)\//.test(file))
    .map((file) => ({ what: file.startsWith('hooks/') ? 'hook' : 'tool', where: file }));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function listOf(value: unknown): string[] | undefined {
  const list = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  return list.length > 0 ? list : undefined;
}

function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
}

function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}
