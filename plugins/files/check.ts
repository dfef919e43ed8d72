import {
  checkContents,
  defineAction,
  editFrontMatter,
  editYaml,
  parseFrontMatter,
  parseYaml,
  programPath,
} from 'boternity';
import { Fault, YamlError, z, type Bots } from 'boternity';
import { path, reference } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'files.check': ReturnType<typeof checkFile>;
  }
}

/** Says what is wrong with a text before it is written, and sets single values in it: what an editor asks while somebody types. */
export function checkFile(bots: Bots) {
  return defineAction({
    name: 'files.check',
    summary: 'Says what would be wrong with a text as a file of a bot, and sets values in it; writes nothing.',
    permission: 'bots:write',
    http: 'POST /bots/{bot}/check',
    cli: 'file check <bot> <path>',
    examples: [
      'bnity file check assistant IDENTITY.md < identity.md',
      'bnity file check assistant bot.yaml --set model.temperature=0.5 < bot.yaml',
    ],
    input: z.strictObject({
      bot: reference,
      path,
      text: z.string().max(5_000_000).meta({ 'x-edits': 'files.read' }).describe('The whole text'),
      set: z
        .array(z.string().regex(/^[\w.-]+=/, 'write key=value'))
        .default([])
        .describe('key=value in YAML or front matter; the value is JSON or text. Comments stay'),
      unset: z.array(z.string().min(1)).default([]).describe('Keys to take out'),
    }),
    output: z.object({
      text: z.string().describe('The text with the values set'),
      data: z.unknown().describe('What its YAML, JSON or front matter says; null where it cannot be read or has none'),
      problems: z.array(
        z.object({
          line: z.number(),
          column: z.number(),
          level: z.enum(['error', 'warning']),
          message: z.string(),
        }),
      ),
    }),
    async run({ bot, path: given, text: before, set, unset }) {
      await bots.get(bot);
      const file = programPath(given);
      const text = await edited(file, before, [
        ...set.map(parseAssignment),
        ...unset.map((key) => ({ path: key.split('.'), value: undefined })),
      ]);
      const found = await checkContents(bots.kinds, new Map([[file, text]]));
      const problems = found.filter((problem) => problem.file === file);
      return {
        text,
        data: dataOf(file, text) ?? null,
        problems: problems.map(({ line, column, level, message }) => ({ line, column, level, message })),
      };
    },
  });
}

async function edited(file: string, text: string, changes: { path: string[]; value: unknown }[]): Promise<string> {
  if (changes.length === 0) return text;
  try {
    if (/\.ya?ml$/.test(file)) return await editYaml(text, changes);
    if (file.endsWith('.md')) return await editFrontMatter(text, changes);
  } catch (error) {
    if (error instanceof YamlError)
      throw new Fault('FILE_INVALID', `${file}:${error.line} is broken and cannot be changed: ${error.message}.`);
    throw error;
  }
  throw new Fault('INPUT_INVALID', `${file} holds no values that can be set one by one.`, {
    details: [{ path: 'set', message: 'is for YAML and Markdown' }],
  });
}

function dataOf(file: string, text: string): unknown {
  try {
    if (file.endsWith('.md')) return parseFrontMatter(text).data;
    if (/\.ya?ml$/.test(file)) return parseYaml(text);
    if (file.endsWith('.json')) return JSON.parse(text);
  } catch {
    // What is wrong stands among the problems.
  }
  return undefined;
}

function parseAssignment(text: string): { path: string[]; value: unknown } {
  const at = text.indexOf('=');
  const raw = text.slice(at + 1);
  let value: unknown = raw;
  try {
    value = JSON.parse(raw);
  } catch {
    // Plain text needs no quotes.
  }
  return { path: text.slice(0, at).split('.'), value };
}
