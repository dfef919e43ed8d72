import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { parseFrontMatter } from '../files/front-matter.ts';
import { locateInYaml, parseYaml, YamlError } from '../files/yaml.ts';
import { Fault } from '../base/fault.ts';
import type { CheckedFile, Entry, FileKind, Problem } from './file-kind.ts';

/** Larger files are refused before they are parsed. */
const MAX_BYTES = 512 * 1024;

interface Source {
  /** What the schema checks. */
  readonly value: unknown;
  readonly body?: string;
  /** YAML text and the lines before it, to find the place of a wrong value. */
  readonly yaml: string;
  readonly linesBefore: number;
}

/** Parses and checks one file. Unknown keys are warnings and left out; everything else that is wrong makes the entry not ok. */
export async function readEntry(kind: FileKind, path: string, content: Buffer, last: unknown): Promise<Entry<unknown>> {
  const digest = digestOf(content);
  const failed = (problems: readonly Problem[]): Entry<unknown> => ({
    ok: false,
    path,
    digest,
    problems,
    ...(last !== undefined && { last }),
  });
  if (content.length > MAX_BYTES) {
    return failed([problem(path, 1, 1, `the file has ${content.length} bytes; at most ${MAX_BYTES} are read`)]);
  }
  if (content.includes(0)) return failed([problem(path, 1, 1, 'the file holds NUL bytes: it is damaged, or no text')]);
  if (kind.required && content.toString().trim() === '') {
    return failed([problem(path, 1, 1, 'the file is empty; a bot needs it to talk')]);
  }
  let source: Source;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    source = split(kind, text);
  } catch (error) {
    if (error instanceof YamlError) return failed([problem(path, error.line, error.column, error.message)]);
    if (error instanceof SyntaxError) return failed([problem(path, 1, 1, `not JSON: ${error.message}`)]);
    if (error instanceof TypeError) return failed([problem(path, 1, 1, 'not UTF-8 text; save it as UTF-8')]);
    throw error;
  }
  const { data, issues, unknown } = check(kind.schema, source.value);
  const warnings = await Promise.all(unknown.map((issue) => locate(path, source, issue, 'warning')));
  if (issues.length > 0)
    return failed([...(await Promise.all(issues.map((issue) => locate(path, source, issue)))), ...warnings]);
  const whole = kind.format === 'markdown' ? { front: data, body: source.body ?? '' } : data;
  const problems = [...warnings, ...(await lookCloser(kind, { path, text, data: whole }))];
  if (problems.some(({ level }) => level === 'error')) return failed(problems);
  return { ok: true, path, digest, data: whole, problems };
}

async function lookCloser(kind: FileKind, file: CheckedFile<unknown>): Promise<Problem[]> {
  try {
    const found = (await kind.check?.(file)) ?? [];
    return found.map(({ line, column, message, level }) => problem(file.path, line, column, message, level));
  } catch (error) {
    return [problem(file.path, 1, 1, `the file could not be checked: ${Fault.from(error).message}`)];
  }
}

export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function split(kind: FileKind, text: string): Source {
  if (kind.format === 'text') return { value: text, yaml: '', linesBefore: 0 };
  if (kind.format === 'json') return { value: JSON.parse(text), yaml: text, linesBefore: 0 };
  if (kind.format === 'yaml') return { value: parseYaml(text) ?? {}, yaml: text, linesBefore: 0 };
  const { data, body, dataLine } = parseFrontMatter(text);
  const yaml = dataLine === 1 ? '' : text.slice(text.indexOf('\n') + 1, text.length - body.length);
  return { value: data, body, yaml, linesBefore: dataLine - 1 };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Checks a value. Keys that the schema does not know are taken out and listed, so that one of them spoils nothing. */
function check(schema: z.ZodType, value: unknown): { data: unknown; issues: Issue[]; unknown: Issue[] } {
  const first = schema.safeParse(value);
  if (first.success) return { data: first.data, issues: [], unknown: [] };
  const unknown = first.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: `"${key}" is not known here and is ignored` }))
      : [],
  );
  const issues = first.error.issues.filter((issue) => issue.code !== 'unrecognized_keys');
  if (issues.length > 0) return { data: undefined, issues, unknown };
  const cleaned = structuredClone(value);
  for (const { path } of unknown) removeAt(cleaned, path);
  return { data: schema.parse(cleaned), issues: [], unknown };
}

function removeAt(value: unknown, path: readonly PropertyKey[]): void {
  const [key, ...rest] = path;
  if (typeof value !== 'object' || value === null || key === undefined) return;
  if (rest.length === 0) Reflect.deleteProperty(value, key);
  else removeAt(Reflect.get(value, key), rest);
}

async function locate(file: string, source: Source, issue: Issue, level: Problem['level'] = 'error'): Promise<Problem> {
  const { line, column } = await locateInYaml(source.yaml, issue.path);
  const where = issue.path.length > 0 && level === 'error' ? `${issue.path.map(String).join('.')}: ` : '';
  return problem(file, line + source.linesBefore, column, `${where}${issue.message}`, level);
}

function problem(
  file: string,
  line: number,
  column: number,
  message: string,
  level: Problem['level'] = 'error',
): Problem {
  return { file, line, column, level, message };
}
