import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { worded } from 'boternity/ui';
import type { FileSchema } from './files.ts';

/** What completion reads of a JSON Schema. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly type?: string;
  readonly description?: string;
}

/** Offers keys and values that the schema of a file knows, where its YAML stands. */
export function completeFrom(
  schema: FileSchema | undefined,
  file: string,
  { state, pos, explicit }: CompletionContext,
): CompletionResult | null {
  if (!schema || file.endsWith('.json')) return null;
  const lines = linesBefore(state.sliceDoc(0, pos), schema.format === 'markdown');
  const line = lines?.at(-1);
  if (!lines || line === undefined) return null;
  const value = /^\s*(?:- +)?([\w.-]+):[ \t]+([^#]*)$/.exec(line);
  if (value) return valuesAt(schema.schema, [...pathOf(lines), value[1] ?? ''], value[2] ?? '', pos, explicit);
  const item = /^\s*- +([\w.-]*)$/.exec(line);
  if (item) return valuesAt(schema.schema, pathOf(lines), item[1] ?? '', pos, explicit);
  const key = /^\s*([\w.-]*)$/.exec(line)?.[1];
  if (key === undefined || (key === '' && !explicit)) return null;
  const options = Object.entries(keysOf(nodeAt(schema.schema, pathOf(lines)))).map(keyOption);
  return options.length === 0 ? null : { from: pos - key.length, options, validFor: /^[\w.-]*$/ };
}

/** The YAML up to the cursor; undefined in the text below a front matter. */
function linesBefore(before: string, isMarkdown: boolean): string[] | undefined {
  const lines = before.split('\n');
  if (!isMarkdown) return lines;
  if (lines[0]?.trimEnd() !== '---' || lines.length === 1) return undefined;
  const inside = lines.slice(1);
  return inside.some((line) => line.trimEnd() === '---') ? undefined : inside;
}

/** Keys above the last line, by their indentation. */
function pathOf(lines: readonly string[]): string[] {
  let depth = indentOf(lines.at(-1) ?? '');
  const found: string[] = [];
  for (const line of lines.slice(0, -1).toReversed()) {
    const key = /^\s*([\w.-]+):\s*(?:#.*)?$/.exec(line)?.[1];
    if (key === undefined || indentOf(line) >= depth) continue;
    found.unshift(key);
    depth = indentOf(line);
  }
  return found;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function nodeAt(root: Node, path: readonly string[]): readonly Node[] {
  return path.reduce<readonly Node[]>(
    (nodes, key) => nodes.flatMap((node) => expanded(node)).flatMap(({ properties }) => properties?.[key] ?? []),
    [root],
  );
}

function expanded(node: Node): Node[] {
  return [node, ...(node.anyOf ?? []).flatMap(expanded), ...(node.items ? expanded(node.items) : [])];
}

function keysOf(nodes: readonly Node[]): Record<string, Node> {
  return Object.assign({}, ...nodes.flatMap(expanded).map(({ properties }) => properties ?? {})) as Record<
    string,
    Node
  >;
}

function keyOption([key, node]: [string, Node]): Completion {
  const holds = expanded(node).some(({ properties }) => properties);
  return {
    label: key,
    type: 'property',
    apply: holds ? `${key}:\n` : `${key}: `,
    ...(node.description !== undefined && { info: worded(node.description) }),
  };
}

function valuesAt(
  root: Node,
  path: readonly string[],
  written: string,
  pos: number,
  explicit: boolean,
): CompletionResult | null {
  const nodes = nodeAt(root, path).flatMap(expanded);
  const values = nodes.flatMap((node) => valuesOf(node, explicit));
  const options = [...new Set(values.map(wordOf))].map((label) => ({ label, type: 'enum' }));
  return options.length === 0 ? null : { from: pos - written.length, options, validFor: /^[^\s#]*$/ };
}

function valuesOf(node: Node, withDefault: boolean): unknown[] {
  const fixed = [...(node.enum ?? []), ...(node.type === 'boolean' ? [true, false] : [])];
  if (node.const !== undefined) fixed.push(node.const);
  if (withDefault && isPlain(node.default)) fixed.push(node.default);
  return fixed;
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' ? value !== '' : typeof value === 'number' || typeof value === 'boolean';
}

/** A value as YAML takes it: what would be something else without quotes gets them. */
function wordOf(value: unknown): string {
  const plain =
    typeof value === 'string' && /^[a-z][\w -]*$/i.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value);
  return plain ? value : JSON.stringify(value);
}
