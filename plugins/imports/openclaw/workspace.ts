import { editFrontMatter, type FileKind } from 'boternity';
import type { Disabled, DraftBot, DraftFile, DraftMemory, ImportSource, Left, Wishes } from '../format.ts';
import { dailyNotes, dayIn } from '../parts/daily.ts';
import { asBotFile, sectionsOf, splitMarkdown } from '../parts/markdown.ts';
import type { SecretCollector } from '../parts/secrets.ts';
import { fitSettings } from '../parts/settings.ts';
import { skillsIn } from '../parts/skills.ts';
import { disabledWorkflow, type ImportedWorkflow } from '../parts/workflow.ts';
import type { Agent } from './agents.ts';
import { CONFIG, valuesAt, type Values } from './config.ts';
import { identityFile, isAvatar, parseIdentity, withConfigured } from './identity.ts';
import { curatedFacts, directivesIn, notDaily } from './memories.ts';
import { boot, heartbeat, jobsOf } from './schedules.ts';

export interface WorkspaceParts {
  readonly source: ImportSource;
  readonly kinds: Iterable<[string, FileKind]>;
  readonly secrets: SecretCollector;
  /** Settings that come from the configuration. */
  readonly settings: Values;
  /** MCP servers, switched off already. */
  readonly disabled: readonly Disabled[];
}

/** One workspace on its way to a bot: what was made of which file, and what nothing was made of. */
class Workspace {
  readonly files = new Map<string, DraftFile>();
  readonly papers = new Map<string, DraftFile>();
  readonly memories: DraftMemory[] = [];
  readonly disabled: Disabled[];
  readonly left: Left[] = [];
  readonly #parts: WorkspaceParts;
  readonly #root: string;
  readonly #used = new Set<string>();

  constructor(parts: WorkspaceParts, root: string) {
    this.#parts = parts;
    this.#root = root;
    this.disabled = [...parts.disabled];
  }

  /** Paths below a folder of the workspace, as the source has them. */
  below(folder: string): string[] {
    return [...this.#parts.source.files.keys()].filter((path) => path.startsWith(this.#root + folder));
  }

  use(path: string): void {
    this.#used.add(path);
  }

  leave(path: string, why: string): void {
    this.use(path);
    this.left.push({ what: path, why });
  }

  /** A text of the workspace without the keys in it. */
  async text(file: string): Promise<{ path: string; text: string; note: string } | undefined> {
    const path = this.#root + file;
    const found = await this.#parts.source.text(path);
    if (found === undefined) return undefined;
    this.use(path);
    const { text, count } = await this.#parts.secrets.clean(found, path);
    return { path, text, note: count > 0 ? `${count} keys taken out` : '' };
  }

  put(file: string, content: string | Uint8Array, from: readonly string[], note = ''): void {
    this.files.set(file, { content, from, ...(note !== '' && { note }) });
  }

  async workflow(workflow: ImportedWorkflow, from: string): Promise<void> {
    const { text: prompt } = await this.#parts.secrets.clean(workflow.prompt, from);
    let { path, text } = await disabledWorkflow({ ...workflow, prompt }, 'OpenClaw');
    for (let number = 2; this.files.has(path); number += 1)
      ({ path, text } = await disabledWorkflow(
        { ...workflow, prompt, name: `${workflow.name}-${number}` },
        'OpenClaw',
      ));
    this.put(path, text, [from]);
    this.disabled.push({ what: `workflow ${workflow.name}`, where: path });
  }

  /** Everything that nothing was made of, by its top folder. */
  leaveRest(foreign: (path: string) => boolean): void {
    const counts = new Map<string, number>();
    for (const path of this.below('')) {
      if (this.#used.has(path) || foreign(path)) continue;
      const inside = path.slice(this.#root.length);
      const shown = this.#root + (inside.includes('/') ? `${inside.split('/', 1)[0]}/` : inside);
      counts.set(shown, (counts.get(shown) ?? 0) + 1);
    }
    for (const [what, count] of counts)
      this.left.push({
        what,
        why: count > 1 ? `${count} files that belong to no part of a bot` : 'it belongs to no part of a bot',
      });
  }
}

/** Makes a bot of the workspace of an agent. */
export async function botOf(
  agent: Agent,
  parts: WorkspaceParts,
  wishes: Wishes,
  foreign: (path: string) => boolean,
): Promise<{ bot: DraftBot; left: readonly Left[] }> {
  const space = new Workspace(parts, agent.root);
  const name = await identity(space, agent, parts, wishes);
  await soul(space, name);
  await instructions(space);
  await user(space);
  await memory(space);
  await schedules(space, agent, parts);
  await skills(space, agent, parts);
  const { text, left } = await fitSettings(parts.kinds, parts.settings);
  space.put('bot.yaml', text, parts.source.files.has(CONFIG) ? [CONFIG] : []);
  space.leaveRest(foreign);
  const { files, papers, memories, disabled } = space;
  const bot: DraftBot = { name, files: sorted(files), papers, memories, disabled, from: `OpenClaw, agent ${agent.id}` };
  return { bot, left: [...space.left, ...left] };
}

async function identity(
  space: Workspace,
  { id, said, root }: Agent,
  { source }: WorkspaceParts,
  wishes: Wishes,
): Promise<string> {
  const found = await space.text('IDENTITY.md');
  const read = withConfigured(parseIdentity(found?.text ?? ''), valuesAt(said, 'identity'));
  const configured = typeof said.name === 'string' ? said.name : undefined;
  const name = wishes.name ?? read.name ?? configured ?? (id === 'main' ? 'OpenClaw' : id);
  const avatar = await avatarOf(read.avatar, space, source, root);
  space.put('IDENTITY.md', await identityFile(read, name, avatar), found ? [found.path] : [], found?.note);
  for (const path of space.below('avatars/')) await picture(space, source, root, path.slice(root.length));
  return name;
}

async function avatarOf(
  given: string | undefined,
  space: Workspace,
  source: ImportSource,
  root: string,
): Promise<string | undefined> {
  if (given === undefined || /^https?:\/\//.test(given)) return given;
  const file = given.replace(/^\.\//, '');
  if (await picture(space, source, root, file)) return file;
  space.left.push({ what: `avatar ${given.slice(0, 60)}`, why: 'it is no picture in the workspace of at most 2 MB' });
  return undefined;
}

async function picture(space: Workspace, source: ImportSource, root: string, file: string): Promise<boolean> {
  const found = source.files.get(root + file);
  const content = found && isAvatar(file, found.bytes) ? await source.read(root + file) : undefined;
  if (!content) return false;
  space.use(root + file);
  space.put(file, content, [root + file]);
  return true;
}

async function soul(space: Workspace, name: string): Promise<void> {
  const found = await space.text('SOUL.md');
  if (found) space.put('SOUL.md', asBotFile(found.text), [found.path], found.note);
  else space.put('SOUL.md', await editFrontMatter('', [{ path: ['name'], value: name }]), [], 'there was none');
}

/** AGENTS.md with what it and TOOLS.md say of tools at its end. */
async function instructions(space: Workspace): Promise<void> {
  const found = await space.text('AGENTS.md');
  const tools = await space.text('TOOLS.md');
  if (!found && !tools) return;
  const { body } = splitMarkdown(found?.text ?? '');
  const sections = sectionsOf(body);
  const rest = sections.filter(({ heading }) => !/^tools\b/i.test(heading));
  const notes = [
    ...sections.filter(({ heading }) => /^tools\b/i.test(heading)).map(({ text }) => text),
    ...(tools
      ? [
          splitMarkdown(tools.text)
            .body.replace(/^#\s.*\n+/, '')
            .trim(),
        ]
      : []),
  ].filter(Boolean);
  const from = [found?.path, tools?.path].filter((path) => path !== undefined);
  const isSame = notes.length === 0 || (!tools && /^tools\b/i.test(sections.at(-1)?.heading ?? ''));
  const text = isSame ? body : `${joined(body, rest)}\n\n## Tools\n\n${notes.join('\n\n')}\n`;
  const moved = isSame ? '' : 'what it says of tools stands at the end';
  space.put('AGENT.md', asBotFile(text), from, [found?.note, tools?.note, moved].filter(Boolean).join(', '));
}

/** The text of some sections with their headings as they stood. */
function joined(body: string, kept: readonly { heading: string; text: string }[]): string {
  return kept
    .map(({ heading, text }) => {
      const line =
        heading === ''
          ? ''
          : (body.split(/\r?\n/).find((each) => /^#{1,2}\s/.test(each) && each.includes(heading)) ?? '');
      return [line, text].filter(Boolean).join('\n\n');
    })
    .filter(Boolean)
    .join('\n\n');
}

async function user(space: Workspace): Promise<void> {
  const found = await space.text('USER.md');
  if (!found) return;
  const { text, memories, superseded } = directivesIn(splitMarkdown(found.text).body);
  space.put(
    'USER.md',
    asBotFile(text),
    [found.path],
    [found.note, superseded.length > 0 ? `${superseded.length} that no longer held left out` : '']
      .filter(Boolean)
      .join(', '),
  );
  space.memories.push(...memories);
  for (const each of superseded)
    space.left.push({ what: `directive "${each.slice(0, 60)}"`, why: 'it was superseded' });
}

async function memory(space: Workspace): Promise<void> {
  const curated = await space.text('MEMORY.md');
  if (curated) space.memories.push(...curatedFacts(splitMarkdown(curated.text).body));
  for (const path of space.below('memory/').filter((each) => each.endsWith('.md'))) {
    const inside = path.slice(path.lastIndexOf('memory/'));
    const day = dayIn(path);
    const log = day && !/\/dreaming\//.test(path) ? await space.text(inside) : undefined;
    const origin = path.includes('/imports/') ? 'untrusted' : 'agent';
    if (log && day) space.memories.push(...dailyNotes(splitMarkdown(log.text).body, day, origin));
    else {
      const { what, why } = notDaily(path);
      space.leave(what, why);
    }
  }
  const dreams = await space.text('DREAMS.md');
  if (dreams) space.papers.set('DREAMS.md', { content: dreams.text, from: [dreams.path] });
  if (await space.text('BOOTSTRAP.md'))
    space.left.push({ what: 'BOOTSTRAP.md', why: 'the ritual of a first run is over' });
}

async function schedules(space: Workspace, { id }: Agent, { source }: WorkspaceParts): Promise<void> {
  const beat = await space.text('HEARTBEAT.md');
  for (const workflow of heartbeat(beat?.text ?? '')) await space.workflow(workflow, beat?.path ?? '');
  const start = await space.text('BOOT.md');
  const first = boot(start?.text ?? '');
  if (first) await space.workflow(first, start?.path ?? '');
  const jobs = await jobsOf(source, id);
  for (const workflow of jobs.workflows) await space.workflow(workflow, 'cron/jobs.json');
  space.left.push(...jobs.left);
}

async function skills(space: Workspace, { root }: Agent, { source, secrets }: WorkspaceParts): Promise<void> {
  const folders = [`${root}skills`, `${root}.agents/skills`];
  const { skills: found, left } = await skillsIn(source, folders, secrets);
  for (const { name, files } of found)
    for (const [file, draft] of files) {
      draft.from.forEach((path) => space.use(path));
      space.files.set(`skills/${name}/${file}`, draft);
    }
  for (const each of left) {
    space.left.push(each);
    for (const path of source.files.keys()) if (path.startsWith(each.what)) space.use(path);
  }
}

const ORDER = ['SOUL.md', 'IDENTITY.md', 'USER.md', 'AGENT.md', 'bot.yaml'];

function sorted(files: ReadonlyMap<string, DraftFile>): Map<string, DraftFile> {
  const rank = (file: string): number => (ORDER.includes(file) ? ORDER.indexOf(file) : ORDER.length);
  return new Map([...files].toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)));
}
