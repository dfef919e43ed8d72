import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../base/fault.ts';
import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';

/** A place in a YAML text that cannot be read. Lines and columns count from 1. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

const schema = CORE_SCHEMA.withTags(mergeTag);

/**
 * Reads YAML 1.2 fast and safely: no tags that run code, bounded aliases and depth. `linesBefore` is added to the line of
 * an error, for YAML inside another file. Undefined when there is nothing but comments. Comments are lost: use editYaml
 * to change a person's file.
 */
export function parseYaml(text: string, linesBefore = 0): unknown {
  try {
    const [document, second] = loadAll(text, { schema, maxAliases: 100, maxDepth: 50 });
    if (second !== undefined)
      throw new YamlError('the file holds more than one document; keep one', 1 + linesBefore, 1);
    return document;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const mark = error.mark;
    throw new YamlError(error.reason ?? error.message, (mark?.line ?? 0) + 1 + linesBefore, (mark?.column ?? 0) + 1);
  }
}

/** Line and column of the value at a path; of the nearest parent when the value is absent. Slow: for problems only. */
export async function locateInYaml(
  text: string,
  path: readonly PropertyKey[],
): Promise<{ line: number; column: number }> {
  const { isNode, LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (!isNode(node) || !node.range) continue;
    const { line, col } = lineCounter.linePos(node.range[0]);
    return { line, column: col };
  }
  return { line: 1, column: 1 };
}

/** A change for `editYaml`. */
export interface YamlChange {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** What makes one value at a path into another, as deep down as it can be said, so that comments beside what stays are kept. */
export function changesBetween(path: readonly string[], before: unknown, after: unknown): YamlChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isMapping(before) || !isMapping(after) || Object.keys(after).length === 0) return [{ path, value: after }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changesBetween([...path, key], before[key], after[key]));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets (or with `undefined` removes) values in a person's YAML and keeps comments, order and quoting of the rest. */
export async function editYaml(text: string, changes: readonly YamlChange[]): Promise<string> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  if (document.errors[0]) throw new YamlError(document.errors[0].message, document.errors[0].linePos?.[0].line ?? 1, 1);
  for (const { path, value } of changes) {
    try {
      if (value === undefined) document.deleteIn(path);
      else document.setIn(path, value);
    } catch {
      const details = [{ path: path.join('.'), message: 'stands below a value that holds no keys' }];
      throw new Fault('INPUT_INVALID', `${path.join('.')} cannot be set: what stands above it holds no keys.`, {
        details,
      });
    }
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
