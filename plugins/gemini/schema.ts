import { fieldsOf, listOf, textOf, type Fields, type JsonSchema } from 'boternity';

/** Deepest nesting that is followed, so that a schema that holds itself comes to an end. */
const DEEPEST = 12;

/** What services without JSON Schema know of it. Source: ai.google.dev/api/caching#Schema. */
const known =
  'type title description nullable minimum maximum minItems maxItems minLength maxLength minProperties maxProperties pattern required default'.split(
    ' ',
  );
const knownFormats = new Set(['enum', 'date-time', 'int32', 'int64', 'float', 'double']);

/** The schema without the name of its dialect, which the service does not take. */
export function withoutDialect(schema: JsonSchema): JsonSchema {
  const { $schema: _, ...rest } = schema;
  return rest;
}

/** The schema in the older dialect of the service: references filled in, alternatives under one name, the rest left out. */
export function cleanSchema(schema: JsonSchema): JsonSchema {
  return clean(schema, fieldsOf(schema.$defs ?? schema.definitions), 0);
}

function clean(given: unknown, definitions: Fields, depth: number): Fields {
  if (depth > DEEPEST) return { type: 'object' };
  const schema = resolved(fieldsOf(given), definitions);
  const deeper = (inner: unknown): Fields => clean(inner, definitions, depth + 1);
  const { properties, items, const: constant, enum: values = constant === undefined ? [] : [constant] } = schema;
  const kept = Object.fromEntries(known.flatMap((name) => (name in schema ? [[name, schema[name]]] : [])));
  const alternatives = listOf(schema.anyOf ?? schema.oneOf);
  const choices = listOf(values).filter((value) => typeof value === 'string');
  return {
    ...kept,
    ...typeOf(schema.type),
    ...(knownFormats.has(textOf(schema.format)) && { format: schema.format }),
    ...(choices.length > 0 && { type: 'string', enum: choices }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(fieldsOf(properties)).map(([name, property]) => [name, deeper(property)]),
      ),
    }),
    ...(items !== undefined && { items: deeper(items) }),
    ...(alternatives.length > 0 && { anyOf: alternatives.map(deeper) }),
  };
}

function resolved(schema: Fields, definitions: Fields): Fields {
  const [, name] = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(textOf(schema.$ref)) ?? [];
  return name === undefined ? schema : { ...fieldsOf(definitions[name]), ...schema };
}

/** A list of types means one of them, and perhaps nothing. */
function typeOf(type: unknown): Fields {
  if (!Array.isArray(type)) return {};
  const first: unknown = type.find((each) => each !== 'null');
  return { type: first ?? 'string', ...(type.includes('null') && { nullable: true }) };
}
