import { Fault, readEntry, settingsOf, usable } from 'boternity';
import type { Bot, Bots, Entry, Files, Home, Problem } from 'boternity';
import { folderName, skillFiles, type SkillFile } from './skill-file.ts';
import { openSkill } from './skill-folder.ts';

/** Most skills that one bot has at hand. */
const MOST = 500;

/** A skill that a bot can use. */
export interface Skill {
  readonly name: string;
  readonly origin: 'bot' | 'shared';
  /** Folder, from the home. */
  readonly place: string;
  /** Its SKILL.md, from its folder. */
  readonly file: string;
  readonly data: SkillFile;
}

/** The skills of a bot by name: its own, and those of the home that bot.yaml names. Where names are equal the bot's own counts. */
export class Skills {
  readonly #home: Home;
  readonly #bots: Bots;
  /** Shared skills as last read, with what the file was then. */
  readonly #shared = new Map<string, { signature: string; entry: Entry<SkillFile> }>();

  constructor(home: Home, bots: Bots) {
    this.#home = home;
    this.#bots = bots;
  }

  async of(bot: Bot): Promise<{ skills: Skill[]; truncated: boolean }> {
    const found = new Map<string, Skill>();
    for (const [path, entry] of [...bot.files.skills].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const name = folderName(path);
      const data = usable(entry);
      if (!data || found.has(name)) continue;
      const [, , file = ''] = path.split('/');
      found.set(name, {
        name,
        origin: 'bot',
        place: `bots/${bot.slug}/${path.slice(0, -file.length - 1)}`,
        file,
        data,
      });
    }
    for (const name of new Set(settingsOf(bot).skills)) {
      if (found.has(name)) continue;
      const read = await this.#readShared(name).catch(() => undefined);
      const data = usable(read?.entry);
      if (read && data) found.set(name, { name, origin: 'shared', place: `skills/${name}`, file: read.file, data });
    }
    const skills = [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return { skills: skills.slice(0, MOST), truncated: skills.length > MOST };
  }

  /** One skill of a bot and the store of its files. Throws SKILL_MISSING. */
  async open(reference: string, name: string): Promise<{ skill: Skill; files: Files }> {
    const bot = await this.#bots.get(reference);
    const { skills } = await this.of(bot);
    const skill = skills.find((each) => each.name === name);
    const files = skill && (await openSkill(this.#home, skill.place));
    if (skill && files) {
      // Refused here when it is a link that leads out of the folder.
      await files.stat(skill.file);
      return { skill, files };
    }
    const names = skills.map((each) => each.name).join(', ') || 'none';
    throw new Fault('SKILL_MISSING', `${bot.slug} has no skill "${name}". There are: ${names}.`);
  }

  /** What is wrong in the home's skills, and names in the bots' settings that no shared skill has. */
  async check(): Promise<Problem[]> {
    const folders = (await this.#home.files.list('skills').catch(() => [])).filter(({ kind }) => kind === 'folder');
    const read = await Promise.all(
      folders.map(async ({ name }) => {
        try {
          return (await this.#readShared(name))?.entry.problems ?? [];
        } catch (error) {
          return [problem(`skills/${name}`, Fault.from(error).message)];
        }
      }),
    );
    const unnamed = (await this.#bots.all()).map(async (bot) => {
      const { skills } = await this.of(bot);
      const missing = settingsOf(bot).skills.filter((name) => !skills.some((skill) => skill.name === name));
      return missing.map((name) =>
        problem(`bots/${bot.slug}/bot.yaml`, `skills: there is no usable skill "${name}" in the home's skills folder`),
      );
    });
    return [...read, ...(await Promise.all(unnamed))].flat();
  }

  async #readShared(name: string): Promise<{ entry: Entry<SkillFile>; file: string } | undefined> {
    const place = `skills/${name}`;
    const files = /^[a-z0-9-]+$/.test(name) ? await openSkill(this.#home, place) : undefined;
    const file = (await files?.list(''))?.find((each) => /^skill\.md$/i.test(each.name))?.name;
    if (!files || file === undefined) return undefined;
    const stat = await files.stat(file);
    const signature = `${stat?.inode} ${stat?.size} ${stat?.modifiedMs} ${stat?.changedMs}`;
    const before = this.#shared.get(name);
    if (before?.signature === signature) return { entry: before.entry, file };
    const content = await files.read(file);
    if (!content) return undefined;
    const last = usable(before?.entry);
    const entry = (await readEntry(skillFiles, `${place}/${file}`, content, last)) as Entry<SkillFile>;
    this.#shared.set(name, { signature, entry });
    return { entry, file };
  }
}

function problem(file: string, message: string): Problem {
  return { file, line: 1, column: 1, level: 'warning', message };
}
