import { manyFiles, z, type CheckedFile, type Markdown, type Problem } from 'boternity';

/** Most bytes of front matter. */
const FRONT_LIMIT = 50_000;

/** Front matter of a skill as agentskills.io has it; what other programs add to it is kept and means nothing here. */
const front = z.looseObject({
  name: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'write the name of its folder: a to z, digits, single dashes between them')
    .describe('Name of its folder'),
  description: z.string().trim().min(1).max(1024).describe('What it does and when to use it'),
  license: z.string().optional(),
  compatibility: z.string().max(500).optional().describe('What it needs: programs, network, a certain product'),
  metadata: z.record(z.string(), z.unknown()).optional(),
  'allowed-tools': z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('Tools it would like to use; it is not a grant'),
});

export type SkillFile = Markdown<z.output<typeof front>>;

/** SKILL.md of a bot's own skills, in any case. */
export const skillFiles = manyFiles('skills/*/SKILL.md', 'markdown', front, { anyCase: true, check });

/** Name of the folder that a SKILL.md lies in. */
export function folderName(path: string): string {
  return path.split('/').at(-2) ?? '';
}

async function check({ path, text, data }: CheckedFile<SkillFile>): Promise<readonly Omit<Problem, 'file'>[]> {
  const problems: Omit<Problem, 'file'>[] = [];
  const add = (line: number, message: string): void => void problems.push({ line, column: 1, level: 'error', message });
  const bytes = Buffer.byteLength(text) - Buffer.byteLength(data.body);
  if (bytes > FRONT_LIMIT) add(1, `the front matter has ${bytes} bytes; ${FRONT_LIMIT} are the limit`);
  const folder = folderName(path);
  if (data.front.name !== folder) {
    const line = text.split('\n').findIndex((each) => /^name\s*:/.test(each)) + 1;
    add(Math.max(1, line), `the skill is called ${data.front.name} and its folder ${folder}; give both one name`);
  }
  return problems;
}
