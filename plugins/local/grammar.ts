import { fieldsOf, listOf, textOf, type Fields } from 'boternity';

/** Deepest nesting that is followed, so that a schema that holds itself comes to an end. */
const DEEPEST = 8;
const formats = new Set(['date', 'time', 'date-time']);
/** What a grammar can keep to of each. */
const limits = 'description minLength maxLength minItems maxItems minProperties maxProperties'.split(' ');

/** The part of a JSON Schema that a grammar of node-llama-cpp can be made of. What is open in it becomes a text, or an object of anything. */
export function grammarSchema(schema: Fields): object {
  return limited(schema, fieldsOf(schema.$defs ?? schema.definitions), 0);
}

function limited(given: unknown, definitions: Fields, depth: number): object {
  const schema = resolved(fieldsOf(given), definitions);
  if (depth > DEEPEST) return { type: 'string' };
  const deeper = (inner: unknown): object => limited(inner, definitions, depth + 1);
  const alternatives = listOf(schema.anyOf ?? schema.oneOf);
  if (alternatives.length > 0) return { oneOf: alternatives.map(deeper) };
  if (schema.const !== undefined) return { const: schema.const };
  if (Array.isArray(schema.enum)) return { enum: schema.enum };
  const types = listOf(schema.type).length > 0 ? listOf(schema.type) : [schema.type ?? guessed(schema)];
  if (types.length > 1) return { oneOf: types.map((type) => deeper({ ...schema, type })) };
  const kept = Object.fromEntries(limits.flatMap((name) => (name in schema ? [[name, schema[name]]] : [])));
  const [type] = types;
  if (type === 'object') return { type, ...kept, ...objectOf(schema, deeper) };
  if (type === 'array') return { type, ...kept, items: deeper(schema.items ?? { type: 'string' }) };
  return { type, ...kept, ...(formats.has(textOf(schema.format)) && { format: schema.format }) };
}

function objectOf({ properties, required, additionalProperties }: Fields, deeper: (inner: unknown) => object): object {
  const named = Object.entries(fieldsOf(properties)).map(([name, property]) => [name, deeper(property)] as const);
  const isOpen = named.length === 0 && additionalProperties !== false;
  return {
    properties: Object.fromEntries(named),
    ...(required !== undefined && { required }),
    ...(isOpen && { additionalProperties: true }),
  };
}

function guessed(schema: Fields): string {
  if ('properties' in schema) return 'object';
  return 'items' in schema ? 'array' : 'string';
}

function resolved(schema: Fields, definitions: Fields): Fields {
  const [, name] = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(textOf(schema.$ref)) ?? [];
  return name === undefined ? schema : { ...fieldsOf(definitions[name]), ...schema };
}
