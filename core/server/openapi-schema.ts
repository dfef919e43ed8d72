import type { JsonSchema } from '../actions/action.ts';

/** Where schemas that are referred to live in the document. */
export type Schemas = Record<string, JsonSchema>;

/**
 * A schema as part of the document: without dialect and without marks of the house, its own definitions moved to the components
 * under `name`, so that every reference resolves from the root of the document.
 */
export function placeSchema(schema: JsonSchema, name: string, components: Schemas): JsonSchema {
  const { $defs, ...rest } = schema;
  const inside = (value: JsonSchema): JsonSchema => convert(value, name) as JsonSchema;
  for (const [key, value] of Object.entries(($defs ?? {}) as Schemas)) components[`${name}.${key}`] = inside(value);
  const placed = inside(rest);
  // A schema that refers to itself as a whole is a component of its own.
  if (!JSON.stringify(placed).includes(`"#/components/schemas/${name}"`)) return placed;
  components[name] = placed;
  return { $ref: `#/components/schemas/${name}` };
}

function convert(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => convert(entry, name));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (key === '$schema' || key === '$id' || key.startsWith('x-')) return [];
    if (key === '$ref' && typeof inner === 'string') return [[key, moved(inner, name)]];
    return [[key, convert(inner, name)]];
  });
  return Object.fromEntries(entries);
}

function moved(reference: string, name: string): string {
  if (reference === '#') return `#/components/schemas/${name}`;
  return reference.replace(/^#\/\$defs\//, `#/components/schemas/${name}.`);
}
