import type { FileChange, Quarantine, TreeFile } from '../files/git/repository.ts';
import { parseYaml, YamlError } from '../files/yaml.ts';
import { matches, type FileKind, type Problem } from './file-kind.ts';
import { readEntry } from './read-entry.ts';
import { isCode } from './sealed.ts';
import { treeRefusals } from './tree-check.ts';
import type { Refusal } from './tree-rules.ts';

/** How much one tree may hold. */
export interface TreeLimits {
  /** Files in the tree. */
  readonly files: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
}

export interface TreeCheck {
  readonly branch: 'main' | 'memory';
  /** Where the commits are read: the new ones are not accepted yet. */
  readonly commits: Pick<Quarantine, 'files' | 'read' | 'changed' | 'sizes'>;
  /** The commit that is live; undefined when there is none. */
  readonly from: string | undefined;
  readonly to: string;
  readonly kinds: Iterable<[string, FileKind]>;
  readonly limits: TreeLimits;
}

/** What a check found. The push may go on when there is nothing in `wrong`. */
export interface Checked {
  readonly changes: readonly FileChange[];
  /** `workflows/x.yaml:12:5 sentence`, for the pusher to read. */
  readonly wrong: readonly string[];
  readonly warnings: readonly string[];
  /** Changed paths that hold code, or tell which code is run. */
  readonly code: readonly string[];
}

/** Checks the tree of a commit against the one that is live: what was wrong before and is not touched blocks nothing. */
export async function checkCommit(check: TreeCheck): Promise<Checked> {
  const { commits, from, to, branch, limits } = check;
  const changes = await commits.changed(from, to);
  const entries = await commits.files(to);
  const nothing = { changes, warnings: [], code: [] };
  if (entries.length > limits.files)
    return { ...nothing, wrong: [`the push has ${entries.length} files; ${limits.files} are the limit`] };
  const refusals = await freshRefusals(check, changes, entries);
  if (refusals.length > 0) return { ...nothing, wrong: refusals.map(({ file, message }) => `${file} ${message}`) };
  const found = await problemsOf(check, changes);
  const missing = branch === 'main' ? missingFiles(check, entries) : [];
  const lines = (level: Problem['level']): string[] => found.filter((each) => each.level === level).map(lineOf);
  return {
    changes,
    wrong: [...missing, ...lines('error')],
    warnings: lines('warning'),
    code: branch === 'main' ? await codeAmong(check, changes) : [],
  };
}

function lineOf({ file, line, column, message }: Problem): string {
  return `${file}:${line}:${column} ${message}`;
}

async function freshRefusals(
  check: TreeCheck,
  changes: readonly FileChange[],
  entries: readonly TreeFile[],
): Promise<Refusal[]> {
  const { commits, branch } = check;
  const refusals = await treeRefusals(commits, check.to, branch, entries);
  if (refusals.length === 0 || check.from === undefined) return refusals;
  const touched = new Set(changes.map((change) => change.path));
  const before = await treeRefusals(commits, check.from, branch);
  const old = new Set(before.map(({ file, message }) => `${file}\0${message}`));
  return refusals.filter(({ file, message }) => touched.has(file) || !old.has(`${file}\0${message}`));
}

async function problemsOf(check: TreeCheck, changes: readonly FileChange[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  const sizes = await check.commits.sizes(changes.flatMap(({ after }) => (after ? [after.id] : [])));
  for (const { path, after } of changes) {
    if (!after) continue;
    const kind = kindOf(check, path);
    const wrong = (message: string): number =>
      problems.push({ file: path, line: 1, column: 1, level: 'error', message });
    if (kind && after.mode === '120000') {
      wrong('is read by the server and must be a plain file, not a link');
      continue;
    }
    const bytes = sizes.get(after.id) ?? 0;
    if (bytes > check.limits.fileBytes) wrong(`the file has ${bytes} bytes; ${check.limits.fileBytes} are the limit`);
    else if (kind) {
      const content = await check.commits.read(check.to, path);
      problems.push(...(await readEntry(kind, path, content ?? Buffer.alloc(0), undefined)).problems);
    }
  }
  return problems;
}

/** Kinds know a memory by its path from the bot's folder. */
function kindOf({ kinds, branch }: TreeCheck, path: string): FileKind | undefined {
  const file = branch === 'memory' ? `memory/${path}` : path;
  return [...kinds].map(([, kind]) => kind).find((kind) => matches(kind, file));
}

function missingFiles({ kinds }: TreeCheck, entries: readonly TreeFile[]): string[] {
  const paths = new Set(entries.map((entry) => entry.path));
  return [...kinds]
    .filter(([, kind]) => kind.required && !kind.many && !paths.has(kind.pattern))
    .map(([, kind]) => `${kind.pattern}:1:1 is missing; a bot needs it to talk`);
}

async function codeAmong({ commits, from, to }: TreeCheck, changes: readonly FileChange[]): Promise<string[]> {
  const code: string[] = [];
  for (const { path, after } of changes) {
    if (!after) continue;
    if (isCode(path)) code.push(path);
    if (path !== 'bot.yaml') continue;
    const before = from === undefined ? undefined : await commits.read(from, path);
    if (commandsIn(before) !== commandsIn(await commits.read(to, path))) code.push(path);
  }
  return code;
}

/** What a bot.yaml says of commands that others run. */
function commandsIn(content: Buffer | undefined): string {
  try {
    const { mcp, hooks } = (parseYaml(content?.toString() ?? '') ?? {}) as { mcp?: unknown; hooks?: unknown };
    return JSON.stringify([mcp ?? null, hooks ?? null]);
  } catch (error) {
    if (error instanceof YamlError) return '';
    throw error;
  }
}
