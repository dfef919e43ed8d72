/** What stands for a secret value in answers. Sent back, it means the value that is there. */
export const SECRET_MASK = '********';

type Schema = Readonly<Record<string, unknown>>;

/** What is known of settings without a schema: any text in them may be a secret. */
const unknown: Schema = {
  anyOf: [
    { type: 'string', writeOnly: true },
    { type: 'array', items: { $ref: '#/$defs/unknown' } },
    { type: 'object', additionalProperties: { $ref: '#/$defs/unknown' } },
  ],
};
const unknownRoot: Schema = { $ref: '#/$defs/unknown', $defs: { unknown } };

/** Settings as they may be told: what their JSON Schema calls `writeOnly` (or `secret`) is the mask; any text where there is no schema. */
export function maskSecrets(value: unknown, schema: Schema | undefined): unknown {
  const root = schema ?? unknownRoot;
  return walk(value, undefined, root, root, () => SECRET_MASK);
}

/** Settings that were sent back: where the mask stands for a secret it is the value of before again, or nothing where there was none. */
export function unmaskSecrets(value: unknown, before: unknown, schema: Schema | undefined): unknown {
  const root = schema ?? unknownRoot;
  return walk(value, before, root, root, (now, then) => (now === SECRET_MASK ? then : now));
}

type Change = (now: unknown, before: unknown) => unknown;

function walk(now: unknown, before: unknown, given: Schema, root: Schema, change: Change): unknown {
  const schemas = meanings(given, root);
  if (now !== undefined && schemas.some((schema) => isSecret(schema, now))) return change(now, before);
  const inside = (key: string | number, inner: unknown): unknown =>
    schemas
      .flatMap((schema) => partOf(schema, key))
      .reduce<unknown>((value, part) => walk(value, partIn(before, key), part, root, change), inner);
  if (Array.isArray(now)) return now.map((inner, at) => inside(at, inner));
  if (typeof now !== 'object' || now === null) return now;
  const entries = Object.entries(now).map(([key, inner]) => [key, inside(key, inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

/** A way that is only for texts says nothing of lists. */
function isSecret({ type, writeOnly, secret }: Schema, value: unknown): boolean {
  return (writeOnly === true || secret === true) && (type !== 'string' || typeof value === 'string');
}

/** The schema itself, what it refers to, and its ways. */
function meanings(schema: Schema, root: Schema, depth = 0): Schema[] {
  if (depth > 8) return [];
  const name = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(typeof schema['$ref'] === 'string' ? schema['$ref'] : '')?.[1];
  const defined = (root['$defs'] ?? root['definitions']) as Readonly<Record<string, Schema>> | undefined;
  const more = [
    ...(name === undefined ? [] : [defined?.[name]]),
    ...['anyOf', 'oneOf', 'allOf'].flatMap((key) => (Array.isArray(schema[key]) ? (schema[key] as Schema[]) : [])),
  ];
  return [schema, ...more.flatMap((each) => (isSchema(each) ? meanings(each, root, depth + 1) : []))];
}

function partOf(schema: Schema, key: string | number): Schema[] {
  const { properties, additionalProperties, items, prefixItems } = schema as Readonly<
    Record<string, Schema | undefined>
  >;
  const list = Array.isArray(prefixItems) ? (prefixItems as Schema[])[Number(key)] : undefined;
  const part = typeof key === 'number' ? (list ?? items) : (own(properties, key) ?? additionalProperties);
  return isSchema(part) ? [part] : [];
}

function own(parts: Schema | undefined, key: string): unknown {
  return parts && Object.hasOwn(parts, key) ? parts[key] : undefined;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function partIn(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string | number, unknown>>)[key]
    : undefined;
}
