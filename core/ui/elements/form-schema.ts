/** The part of JSON Schema that forms understand; what they do not is written as JSON. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** How a value is entered. */
export type FieldKind = 'text' | 'long' | 'secret' | 'number' | 'choice' | 'switch' | 'list' | 'group' | 'json';

export type Path = readonly (string | number)[];

/** Texts that are longer than this, or may be, get more than a line. */
const LONG = 1_500;

/** What a reference means and what is left without `null`, with the words that stand beside the reference. */
export function resolveSchema(given: JsonSchema, root: JsonSchema): JsonSchema {
  const name = /^#\/\$defs\/(.+)$/.exec(given.$ref ?? '')?.[1];
  const meant = name === undefined ? undefined : root.$defs?.[name];
  if (meant) return resolveSchema({ ...meant, ...wordsOf(given) }, root);
  const ways = given.anyOf ?? given.oneOf ?? [];
  const [only, ...others] = ways.filter(({ type }) => type !== 'null');
  if (only && others.length === 0) return resolveSchema({ ...only, ...wordsOf(given) }, root);
  if (typeof given.type !== 'object') return given;
  const types = given.type.filter((type) => type !== 'null');
  return { ...given, type: types.length === 1 ? (types[0] ?? '') : types };
}

function wordsOf({ title, description, default: standard }: JsonSchema): JsonSchema {
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
  };
}

/** How a value of a resolved schema is entered. */
export function kindOf(schema: JsonSchema, root: JsonSchema): FieldKind {
  if (optionsOf(schema)) return 'choice';
  if (schema.type === 'boolean') return 'switch';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'object') return schema.properties ? 'group' : 'json';
  if (schema.type === 'array') return hasPlainItems(schema, root) ? 'list' : 'json';
  if (schema.type !== 'string') return 'json';
  if (schema.writeOnly) return 'secret';
  return schema.format === 'textarea' || (schema.maxLength ?? 0) > LONG ? 'long' : 'text';
}

function hasPlainItems({ items }: JsonSchema, root: JsonSchema): boolean {
  if (!items) return false;
  return ['text', 'number', 'choice'].includes(kindOf(resolveSchema(items, root), root));
}

/** The values that may be chosen; undefined where others are possible too. */
export function optionsOf({ enum: given, const: only, anyOf, oneOf }: JsonSchema): readonly unknown[] | undefined {
  if (given) return given;
  if (only !== undefined) return [only];
  const ways = anyOf ?? oneOf ?? [];
  const constants = ways.filter((way) => way.const !== undefined).map((way) => way.const);
  return constants.length > 0 && constants.length === ways.length ? constants : undefined;
}

/** What an option is called where it has a title. */
export function titleOfOption({ anyOf, oneOf }: JsonSchema, option: unknown): string | undefined {
  return (oneOf ?? anyOf)?.find((way) => way.const === option)?.title;
}

/** What a field is called: its title, else its name in words: `topK` → `Top k`. */
export function titleOf(name: string | number, { title }: JsonSchema): string {
  if (title !== undefined) return title;
  const words = String(name)
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[part] : undefined),
    value,
  );
}

/** The value with another one at a path. `undefined` takes out what is there, and the objects that hold nothing else. */
export function withValueAt(value: unknown, path: Path, next: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return next;
  const inner = withValueAt(valueAt(value, [part]), rest, next);
  if (Array.isArray(value)) return value.with(Number(part), inner);
  const { [part]: _, ...others } = (typeof value === 'object' ? (value ?? {}) : {}) as Record<string | number, unknown>;
  const isEmpty = inner === undefined || (next === undefined && isEmptyObject(inner));
  return isEmpty ? others : { ...others, [part]: inner };
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** Without the lines of lists in which nothing was written yet. */
export function withoutBlanks(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== '' && item !== undefined).map(withoutBlanks);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBlanks(inner)]));
}
