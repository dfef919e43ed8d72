import type { JsonSchema } from './action.ts';

/**
 * Turns the texts of a query string or a command line into what the schema asks for: numbers, booleans, lists, objects (as JSON).
 * What cannot be turned stays as it is, so that the schema's own message names it.
 */
export function coerceTexts(
  texts: Readonly<Record<string, string | readonly string[]>>,
  schema: JsonSchema,
): Record<string, unknown> {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, coerce(value, properties[key] ?? {})]));
}

function coerce(value: string | readonly string[], schema: JsonSchema): unknown {
  const types = typesOf(schema);
  if (types.includes('array')) {
    const items = (schema.items ?? {}) as JsonSchema;
    return [value].flat().map((item) => coerce(item, items));
  }
  const text = typeof value === 'string' ? value : value.at(-1);
  if (text === undefined) return undefined;
  if ((types.includes('number') || types.includes('integer')) && text.trim() !== '' && !Number.isNaN(Number(text)))
    return Number(text);
  if (types.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  if (types.includes('object') || types.length === 0) return parseJson(text);
  return text;
}

/** The JSON types a schema admits; empty when it admits anything. */
export function typesOf(schema: JsonSchema): string[] {
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as JsonSchema[]).flatMap(typesOf);
  if (typeof schema.type === 'string') return [schema.type];
  return Array.isArray(schema.enum) || schema.const !== undefined ? ['string'] : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
