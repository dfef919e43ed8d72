import { z } from 'zod';
import type { Problem } from '../../bots/file-kind.ts';
import { locateInYaml } from '../../files/yaml.ts';

/** What a plugin without a manifest counts as asking for. */
export const EVERYTHING = 'everything';

const manifestSchema = z.strictObject({
  api: z
    .string()
    .regex(
      /^\^\d+(\.\d+){0,2}( \|\| \^\d+(\.\d+){0,2})*$/,
      'write versions of Boternity as ^0.1, several with || between',
    )
    .describe('Versions of Boternity that it was written for'),
  capabilities: z
    .array(
      z
        .string()
        .regex(
          /^(service|host|file|secret|program):\S+$/,
          'write service:<name>, host:<name>, file:<path>, secret:<NAME> or program:<name>',
        ),
    )
    .describe('What it uses: services, hosts it talks to, files it writes, secrets it reads, programs it starts'),
  description: z.string().max(500).optional().describe('What it is for, in one sentence'),
  name: z
    .string()
    .regex(/^[\w-]+$/, 'write letters, digits, - and _')
    .optional()
    .describe('Its name in settings; by default that of its folder or package'),
});

/** The field `boternity` of a package.json beside a plugin. */
export type Manifest = z.output<typeof manifestSchema>;

export interface ReadManifest {
  /** Undefined where the file has no field `boternity`, or a wrong one. */
  readonly manifest: Manifest | undefined;
  readonly problems: readonly Problem[];
}

/** Reads the field `boternity` of a package.json; runs nothing. `file` is what problems are told of. */
export async function readManifest(text: string, file: string, version: string): Promise<ReadManifest> {
  const field = fieldOf(text);
  if (field instanceof Error) return { manifest: undefined, problems: [problem(file, `is no JSON: ${field.message}`)] };
  if (field === undefined) return { manifest: undefined, problems: [] };
  const checked = manifestSchema.safeParse(field);
  if (!checked.success) {
    const problems = await Promise.all(
      checked.error.issues.map(async (issue) => {
        const path = ['boternity', ...issue.path];
        const at = await locateInYaml(text, issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path);
        return problem(file, `${path.map(String).join('.')}: ${issue.message}`, at);
      }),
    );
    return { manifest: undefined, problems };
  }
  const { api } = checked.data;
  if (isInRange(api, version)) return { manifest: checked.data, problems: [] };
  const message = `is written for Boternity ${api}, and this is ${version}; install a version of the plugin for this one`;
  return { manifest: checked.data, problems: [problem(file, message, await locateInYaml(text, ['boternity', 'api']))] };
}

function fieldOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'boternity' in value ? value.boternity : undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Whether a version is in a range of carets: `^0.1` takes 0.1.x alone, `^1.2` all of 1 from 1.2 on. */
export function isInRange(range: string, version: string): boolean {
  const given = numbersOf(version);
  return range.split(' || ').some((part) => {
    const least = numbersOf(part.slice(1));
    // The first number that is not zero must stay; of ^0 and ^0.0 the last that is written.
    const fixed = least.findIndex((number) => number > 0);
    const kept = fixed < 0 ? part.split('.').length : fixed + 1;
    return least.slice(0, kept).every((number, at) => number === given[at]) && isAtLeast(given, least);
  });
}

function numbersOf(version: string): number[] {
  const [major = 0, minor = 0, patch = 0] = (version.split(/[-+]/, 1)[0] ?? '').split('.').map(Number);
  return [major, minor, patch];
}

function isAtLeast(given: readonly number[], least: readonly number[]): boolean {
  const at = given.findIndex((number, index) => number !== least[index]);
  return at < 0 || (given[at] ?? 0) > (least[at] ?? 0);
}

function problem(
  file: string,
  message: string,
  at: { line: number; column: number } = { line: 1, column: 1 },
): Problem {
  return { file, line: at.line, column: at.column, level: 'error', message };
}
