import { defineAction, z, type Bots } from 'boternity';
import { cutBody, indexOf, readPart } from './skill-folder.ts';
import type { Skill, Skills } from './skills.ts';

declare module 'boternity' {
  interface ActionTypes {
    'skills.list': ReturnType<typeof listSkills>;
    'skills.load': ReturnType<typeof loadSkill>;
    'skills.read_file': ReturnType<typeof readSkillFile>;
  }
}

const bot = z.string().min(1).describe('Slug or id of a bot');
const name = z.string().min(1).max(64).describe('Name of a skill');

const view = z.object({
  name: z.string(),
  description: z.string(),
  license: z.string().nullable(),
  compatibility: z.string().nullable(),
  allowed_tools: z.array(z.string()).describe('Tools it would like to use; it is not a grant'),
  metadata: z.record(z.string(), z.unknown()),
  origin: z.enum(['bot', 'shared']).describe("bot: its own. shared: of the home's skills folder"),
});

export function listSkills(bots: Bots, skills: Skills) {
  return defineAction({
    name: 'skills.list',
    summary: 'Lists the skills that a bot has: its own, and the shared ones that its bot.yaml names.',
    permission: 'skills:read',
    http: 'GET /bots/{bot}/skills',
    cli: 'skill list <bot>',
    examples: ['bnity skill list assistant'],
    columns: ['name', 'origin', 'description'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({ bot }),
    output: z.object({
      skills: z.array(view),
      truncated: z.boolean().describe('There are more than could be listed'),
    }),
    async run(input) {
      const found = await skills.of(await bots.get(input.bot));
      return { skills: found.skills.map(viewOf), truncated: found.truncated };
    },
  });
}

export function loadSkill(skills: Skills) {
  return defineAction({
    name: 'skills.load',
    summary: 'Reads how a skill is done, and which files it brings.',
    permission: 'skills:read',
    http: 'GET /bots/{bot}/skills/{name}',
    cli: 'skill load <bot> <name>',
    examples: ['bnity skill load assistant write-a-reply'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({ bot, name }),
    output: view.extend({
      files_index: z
        .array(z.object({ path: z.string(), bytes: z.number() }))
        .describe('What skills.read_file can read. Scripts are text to read: they are not run'),
      body_truncated: z.boolean().describe('The body is longer than 200 kB and was cut'),
      body_markdown: z.string(),
    }),
    async run(input) {
      const { skill, files } = await skills.open(input.bot, input.name);
      const { text, truncated } = cutBody(skill.data.body);
      return {
        ...viewOf(skill),
        files_index: await indexOf(files),
        body_truncated: truncated,
        body_markdown: text,
      };
    },
  });
}

export function readSkillFile(skills: Skills) {
  return defineAction({
    name: 'skills.read_file',
    summary: 'Reads a file that a skill brings, at most 200 kB of it.',
    permission: 'skills:read',
    http: 'GET /bots/{bot}/skills/{name}/files/{rel_path+}',
    cli: 'skill read <bot> <name> <rel_path>',
    examples: ['bnity skill read assistant house-style references/words.md'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({
      bot,
      name,
      rel_path: z.string().min(1).max(400).describe('As files_index of the skill has it: references/words.md'),
    }),
    output: z.object({
      name: z.string(),
      rel_path: z.string(),
      encoding: z.enum(['utf-8', 'base64']),
      media_type: z.string(),
      bytes: z.number().describe('Of the whole file'),
      truncated: z.boolean(),
      content: z.string(),
    }),
    async run(input) {
      const { skill, files } = await skills.open(input.bot, input.name);
      const part = await readPart(files, input.rel_path);
      return {
        name: skill.name,
        rel_path: input.rel_path,
        media_type: mediaType(input.rel_path, part.encoding),
        ...part,
      };
    },
  });
}

function viewOf({ name, origin, data: { front } }: Skill): z.input<typeof view> {
  const tools = front['allowed-tools'] ?? [];
  return {
    name,
    description: front.description,
    license: front.license ?? null,
    compatibility: front.compatibility ?? null,
    allowed_tools: typeof tools === 'string' ? tools.split(/[\s,]+/).filter((tool) => tool !== '') : tools,
    metadata: front.metadata ?? {},
    origin,
  };
}

const media: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  pdf: 'application/pdf',
};

function mediaType(file: string, encoding: 'utf-8' | 'base64'): string {
  if (encoding === 'utf-8') return 'text/plain';
  return media[file.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}
