import type { CheckedFile, Problem } from 'boternity';
import type { Liquid, Template, Value } from 'liquidjs';
import { asksForNow, engine, PATIENCE_MS, readsFiles, renewEngine } from './engine.ts';
import { isTimeout, within } from './within.ts';

/** How often a template is looked through before it counts as too slow. */
const TRIES = 3;
const TOO_LONG = `it takes longer than ${PATIENCE_MS} ms; make it simpler`;

type Found = Omit<Problem, 'file'>;

/** Texts whose check is remembered; in a fleet most templates are the same. */
const MOST_KNOWN = 500;
const known = new Map<string, readonly Found[]>();

/** Names that stand before a dot, and what may follow; undefined where keys are a person's own. */
const variables: Readonly<Record<string, readonly string[] | undefined>> = {
  agent: ['name', 'description'],
  user: ['name'],
  persona: ['name'],
  facts: undefined,
  args: undefined,
};
/** What differs from turn to turn: it is empty where a template stands. */
const varying = new Set(['conversation', 'turn', 'now']);

/** What is wrong in a template: what cannot be parsed is an error, what varies per turn or is nowhere a warning. */
export async function checkTemplate({ text }: Pick<CheckedFile<string>, 'text'>): Promise<readonly Found[]> {
  const before = known.get(text);
  if (before) return before;
  let found = look(await engine(), text);
  // What a busy machine held up is quick the next time; what is slow by itself is slow every time.
  for (let again = 1; again < TRIES && found.some(isLate); again += 1) found = look(await engine(), text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, found);
  return found;
}

function isLate({ message }: Found): boolean {
  return message === TOO_LONG;
}

function look(liquid: Liquid, text: string): readonly Found[] {
  try {
    return within(PATIENCE_MS, () => {
      const templates = liquid.parse(text);
      return [...namedWrongly(liquid, templates), ...presentIn(templates)].toSorted(
        (a, b) => a.line - b.line || a.column - b.column,
      );
    });
  } catch (error) {
    if (isTimeout(error)) renewEngine();
    return [problemOf(error)];
  }
}

/** What a failure of the engine says, without the place that it repeats in its text. */
export function problemOf(error: unknown): Found {
  const message = sayWhy(error);
  const [line = 1, column = 1] = placeOf(error) ?? [];
  return { line, column, level: 'error', message };
}

function sayWhy(error: unknown): string {
  if (isTimeout(error)) return TOO_LONG;
  const plain = (error instanceof Error ? error.message : String(error))
    .replace(/, line:\d+, col:\d+/g, '')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300);
  const [, tag] = /^tag "(.*)" not found$/.exec(plain) ?? [];
  if (tag && readsFiles.includes(tag)) return `a template reads no other files, so there is no tag "${tag}" here`;
  if (tag) return `there is no tag "${tag}"`;
  const [, filter] = /^undefined filter: (.*)$/.exec(plain) ?? [];
  return filter ? `there is no filter "${filter}"` : plain;
}

function placeOf(error: unknown): readonly number[] | undefined {
  if (typeof error !== 'object' || error === null || !('token' in error)) return undefined;
  const { token } = error as { token?: { getPosition?: () => number[] } };
  return token?.getPosition?.();
}

function namedWrongly(liquid: Liquid, templates: Template[]): Found[] {
  const { globals } = liquid.analyzeSync(templates, { partials: false });
  return Object.values(globals)
    .flat()
    .flatMap(({ segments: [root, next], location: { row, col } }): Found[] => {
      const at = { line: row, column: col, level: 'warning' as const };
      const name = typeof next === 'string' ? `${String(root)}.${next}` : String(root);
      if (varying.has(String(root))) return [{ ...at, message: sayVarying(name) }];
      const isKnown = Object.hasOwn(variables, String(root));
      const keys = isKnown ? variables[String(root)] : [];
      if (isKnown && (keys === undefined || next === undefined || keys.includes(String(next)))) return [];
      return [{ ...at, message: `there is no ${name}, so it stays empty; there are ${listOfAll()}` }];
    });
}

function listOfAll(): string {
  return Object.entries(variables)
    .flatMap(([root, keys]) => keys?.map((key) => `${root}.${key}`) ?? [`${root}.<key>`])
    .join(', ');
}

function sayVarying(name: string): string {
  return `${name} stays empty here: it changes from turn to turn, and a provider caches only what stays the same`;
}

/** Where a date filter is given the present itself. */
function presentIn(templates: readonly Template[]): Found[] {
  return templates.flatMap((template) => {
    const here = [...(template.arguments?.() ?? [])].filter((each): each is Value => 'filters' in each);
    const [line = 1, column = 1] = template.token.getPosition();
    const found = here.some(({ initial, filters }) =>
      filters.some(({ name }) => asksForNow(name, textOf(initial.postfix[0]))),
    );
    const problem: Found = { line, column, level: 'warning', message: sayVarying('the date of now') };
    return [...(found ? [problem] : []), ...presentIn(childrenOf(template))];
  });
}

function textOf(token: unknown): unknown {
  return typeof token === 'object' && token !== null && 'content' in token ? token.content : undefined;
}

/** The generator of a template's children never waits when it loads no others. */
function childrenOf(template: Template): readonly Template[] {
  const step = template.children?.(false, true).next();
  return Array.isArray(step?.value) ? (step.value as Template[]) : [];
}
